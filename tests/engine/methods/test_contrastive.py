import math
from itertools import pairwise

import pytest
import torch

from engine.methods.base import Batch
from engine.methods.contrastive import Contrastive
from engine.runs.presets import start


@pytest.fixture
def method(tiny):
    made = Contrastive(Contrastive.Settings())
    made.network = tiny
    return made


@pytest.fixture
def batch(image):
    """One pair, features (3, 4) and (0, 2): unit (0.6, 0.8) and (0, 1)."""
    return Batch(torch.stack([image((3.0, 4.0)), image((0.0, 2.0))])[:, None], torch.tensor([1]))


def change(method, **settings):
    method.settings = Contrastive.Settings(**settings)
    return method


def cross_entropy(first, second, truth):
    said = [(2 * k * first + (2 * k + 1) * second) / 10 for k in range(7)]
    return math.log(sum(map(math.exp, said))) - said[truth]


def test_that_the_terms_are_eq_1_to_3(method, batch):
    losses = method.losses(batch)
    assert losses["non_masked"].item() == pytest.approx(cross_entropy(3, 4, 1), rel=1e-5)
    assert losses["masked"].item() == pytest.approx(cross_entropy(0, 2, 1), rel=1e-5)
    assert losses["feature"].item() == pytest.approx(0.2 * (3**2 + 2**2) / 2)
    assert len(losses) == 3
    unit = change(method, feature="vector").losses(batch)
    assert unit["feature"].item() == pytest.approx(0.2 * (0.6**2 + 0.2**2) / 2)


def test_that_each_term_has_a_weight_of_its_own(method, batch):
    plain = change(method, feature_weight=1, non_masked_weight=1, masked_weight=1).losses(batch)
    weighed = change(method, feature_weight=2, non_masked_weight=3, masked_weight=5).losses(batch)
    factors = {name: (weighed[name] / plain[name]).item() for name in plain}
    assert factors == pytest.approx({"feature": 2, "non_masked": 3, "masked": 5})


def test_that_the_other_reading_is_a_preset_of_its_own():
    alt = start(Contrastive, "alt").settings
    assert (alt.feature_weight, alt.non_masked_weight, alt.masked_weight) == (1.0, 0.2, 1.0)
    paper = start(Contrastive, "paper").settings
    assert (paper.feature, paper.scale) == ("raw", "mean")
    assert (paper.feature_weight, paper.non_masked_weight, paper.masked_weight) == (0.2, 1.0, 1.0)


def test_that_the_feature_term_reaches_the_trunk_by_both_images_and_not_the_head(method, batch):
    images = batch.images.clone().requires_grad_()
    method.losses(batch._replace(images=images))["feature"].backward()
    assert all(view.abs().sum() > 0 for view in images.grad)
    assert method.network.trunk.weight.grad.abs().sum() > 0
    assert method.network.head.weight.grad is None


@pytest.mark.parametrize(("term", "view"), [("non_masked", 0), ("masked", 1)])
def test_that_a_cross_entropy_is_of_its_own_image_alone(method, batch, term, view):
    images = batch.images.clone().requires_grad_()
    method.losses(batch._replace(images=images))[term].backward()
    assert images.grad[view].abs().sum() > 0
    assert images.grad[1 - view].abs().sum() == 0
    assert method.network.head.weight.grad.abs().sum() > 0


def test_that_released_means_map_twice_softmax_and_its_rates():
    begun = start(Contrastive, "released")
    assert (begun.training.trunk_rate, begun.training.head_rate) == (1e-3, 1e-3)
    assert (begun.training.epochs, begun.training.batch) == (24, 96)
    drops, epochs = begun.training.drops, begun.training.epochs
    ends = (0, *drops, epochs)
    assert [end - begin for begin, end in pairwise(ends)] == [14, 7, 3]
    settings = begun.settings
    assert settings.views_apart
    assert (settings.network, settings.feature) == ("msde18", "map")
    assert settings.softmax_twice


@pytest.mark.parametrize("apart", [False, True])
def test_that_batch_normalisation_can_see_non_masked_and_masked_images_apart(apart):
    torch.manual_seed(0)
    made = Contrastive(Contrastive.Settings(views_apart=apart)).train()
    seen = []
    made.network.trunk.get_submodule("bn1").register_forward_pre_hook(
        lambda _, given: seen.append(len(given[0]))
    )
    images = torch.rand(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    masked = made.losses(Batch(images, torch.arange(3)))["masked"]
    assert seen == ([3, 3] if apart else [6])
    other = Batch(torch.stack([images[0] * 2, images[1]]), torch.arange(3))
    assert (made.losses(other)["masked"].item() == pytest.approx(masked.item(), abs=1e-6)) == apart
