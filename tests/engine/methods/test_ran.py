import pytest
import torch

from engine.experiment.experiment import make_settings
from engine.methods.base import Batch
from engine.methods.ran import RegionAttention
from engine.networks.ran import CropAttention

WEIGHTS = torch.tensor(
    [
        [0.17, 0.16, 0.18, 0.16, 0.165, 0.165],  # leads by 0.01
        [0.20, 0.16, 0.16, 0.16, 0.16, 0.16],  # lags by 0.04
        [0.10, 0.10, 0.10, 0.10, 0.10, 0.50],  # the last crop leads by far
    ]
)


def method(**settings):
    torch.manual_seed(0)
    chosen_ones = make_settings(RegionAttention.Settings, {"network": "ran18", **settings})
    return RegionAttention(chosen_ones)


def region_biased(monkeypatch, **settings):
    """The term for faces whose crops have ``WEIGHTS``."""
    taught = method(**settings)
    attended = CropAttention(torch.rand(3, 1024), WEIGHTS)
    monkeypatch.setattr(taught.network, "attended", lambda images: attended)
    losses = taught.losses(Batch(torch.rand(1, 3, 3, 32, 32), torch.tensor([0, 1, 2])))
    assert list(losses) == ["recognition", "region_biased"]
    return losses["region_biased"].item()


def test_that_the_heaviest_crop_must_lead_by_the_margin(monkeypatch):
    assert region_biased(monkeypatch) == pytest.approx((0.01 + 0.06 + 0) / 3)
    assert region_biased(monkeypatch, margin=0.1) == pytest.approx((0.09 + 0.14 + 0) / 3)
    assert region_biased(monkeypatch, region_biased=0.5) == pytest.approx(0.07 / 6)


def test_that_the_public_mistake_compares_the_whole_face_and_not_the_last_crop(monkeypatch):
    assert region_biased(monkeypatch, whole_competes=True) == pytest.approx(
        (0.01 + 0.02 + 0.02) / 3
    )


def test_that_a_pair_is_two_plain_images():
    taught = method().eval()
    images, expressions = torch.rand(2, 3, 3, 32, 32), torch.tensor([4, 5, 6])
    pairs = taught.losses(Batch(images, expressions))
    alone = taught.losses(Batch(images.reshape(1, 6, 3, 32, 32), expressions.repeat(2)))
    torch.testing.assert_close(pairs, alone)


def test_that_both_terms_reach_what_they_weigh():
    taught = method(margin=0.3).train()
    sum(taught.losses(Batch(torch.rand(1, 4, 3, 32, 32), torch.arange(4))).values()).backward()
    assert all(p.grad.isfinite().all() for p in taught.parameters())
    assert all(p.grad.any() for p in taught.network.head_parameters())
