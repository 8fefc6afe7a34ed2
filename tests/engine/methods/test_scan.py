import pytest
import torch

from engine.experiment.experiment import make_settings
from engine.methods.base import Batch
from engine.methods.scan import PatchAttention


def method(**settings):
    torch.manual_seed(0)
    chosen_ones = make_settings(PatchAttention.Settings, {"network": "scan18-shared", **settings})
    return PatchAttention(chosen_ones)


def batch():
    images = torch.rand(1, 4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.tensor([0, 1, 2, 3]))


def test_that_the_patches_and_each_quarter_must_recognise(monkeypatch):
    taught = method()
    logits = torch.zeros(2, 5, 7)
    logits[0, 0, 3] = logits[1, 2, 6] = 1.0
    monkeypatch.setattr(taught.network.head, "branches", lambda features: logits)
    losses = taught.losses(Batch(torch.rand(1, 2, 3, 32, 32), torch.tensor([3, 6])))
    even = torch.tensor(7.0).log().item()
    sure = (6 + torch.tensor(1.0).exp()).log().item() - 1
    assert list(losses) == ["attention", "region"]
    assert losses["attention"].item() == pytest.approx(0.2 * (sure + even) / 2)
    assert losses["region"].item() == pytest.approx(0.8 * (even * 4 + sure + even * 3) / 2)


def test_that_a_pair_is_two_plain_images():
    taught = method().eval()
    images, expressions = torch.rand(2, 3, 3, 32, 32), torch.tensor([4, 5, 6])
    pairs = taught.losses(Batch(images, expressions))
    alone = taught.losses(Batch(images.reshape(1, 6, 3, 32, 32), expressions.repeat(2)))
    torch.testing.assert_close(pairs, alone)


def test_that_the_head_tells_the_loop_what_was_recognised():
    taught, said = method(), []
    taught.network.head.register_forward_hook(lambda _head, _in, logits: said.append(logits))
    taught.losses(batch())
    assert [logits.shape for logits in said] == [(4, 7)]


@pytest.mark.parametrize("frozen", [False, True])
def test_that_statistics_stay_after_the_first_evaluation_if_asked(frozen):
    taught = method(freeze_statistics=frozen)
    taught.train().losses(batch())
    first = statistics(taught)
    taught.train().losses(batch())
    second = statistics(taught)
    assert not torch.equal(first, second)
    taught.eval()
    resumed = method(freeze_statistics=frozen)
    resumed.load_state_dict(taught.state_dict())
    resumed.train().losses(batch())
    assert torch.equal(statistics(resumed), second) == frozen


def statistics(taught):
    return taught.network.trunk.get_submodule("bn1").running_mean.clone()
