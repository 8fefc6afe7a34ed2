import copy

import pytest
import torch
from torch import nn

from engine.methods.base import Batch, Needed
from engine.methods.distillation import Distillation
from engine.networks.base import build
from engine.runs.presets import start


@pytest.fixture
def method(make):
    """A student and a teacher of the same two units."""
    made = Distillation(Distillation.Settings())
    made.network = make()
    made.learn_from(make())
    return made


@pytest.fixture
def batch(image):
    """Two pairs; the unit features are (0.6, 0.8) and (0, 1), twice."""
    views = [image((3.0, 4.0)), image((0.0, 2.0))]
    return Batch(torch.stack(views)[:, None].repeat(1, 2, 1, 1, 1), torch.tensor([1, 1]))


def change(method, feature="vector", **settings):
    method.settings = Distillation.Settings(feature=feature, **settings)
    return method


def test_that_the_student_is_pulled_to_what_its_teacher_sees_non_masked(method, batch):
    masked = change(method, non_masked_share=0).losses(batch)
    assert masked["feature"].item() == pytest.approx(100 * (0.6**2 + 0.2**2) / 2)
    same = change(method, non_masked_share=1).losses(batch)
    assert same["feature"].item() == pytest.approx(0, abs=1e-10)
    both = change(method, both=True).losses(batch)
    assert both["feature"].item() == pytest.approx(masked["feature"].item() / 2)
    assert both["recognition"].item() == pytest.approx(
        (same["recognition"].item() + masked["recognition"].item()) / 2
    )


def test_that_a_weight_of_nothing_leaves_recognition_alone(method, batch):
    losses = change(method, feature_weight=0, non_masked_share=0).losses(batch)
    assert losses["feature"].item() == 0
    alone = nn.functional.cross_entropy(method.network(batch.images[1]), batch.expressions)
    assert losses["recognition"].item() == pytest.approx(alone.item())


def test_that_half_of_the_students_images_are_non_masked(method):
    images = torch.stack([torch.zeros(2000, 3, 1, 1), torch.ones(2000, 3, 1, 1)])
    torch.manual_seed(0)
    shown = method._drawn(images)
    assert shown.shape == (1, 2000, 3, 1, 1)
    assert 0.46 < shown.mean().item() < 0.54
    torch.manual_seed(0)
    assert torch.equal(shown, method._drawn(images))


def test_that_student_and_teacher_see_the_same_picture_when_it_is_non_masked(method):
    images = torch.rand(2, 4, 3, 5, 5)
    assert torch.equal(change(method, non_masked_share=1)._drawn(images)[0], images[0])
    assert torch.equal(change(method, non_masked_share=0)._drawn(images)[0], images[1])


def test_that_the_teacher_never_changes_and_stays_in_evaluation_mode():
    method = Distillation(Distillation.Settings(non_masked_share=0.5))
    teacher = build("resnet18").train()
    before = copy.deepcopy(teacher.state_dict())
    method.learn_from(teacher)
    optimizer = torch.optim.SGD(method.parameters(), 0.1, weight_decay=0.1)
    for _ in range(2):
        method.train()
        assert not any(module.training for module in teacher.modules())
        batch = Batch(torch.rand(2, 4, 3, 32, 32), torch.arange(4))
        torch.stack(list(method.losses(batch).values())).sum().backward()
        optimizer.step()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    after = teacher.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_that_the_teacher_is_in_neither_weights_nor_parameters(method):
    alone = Distillation(Distillation.Settings())
    alone.network = method.network
    assert method.state_dict().keys() == alone.state_dict().keys()
    assert len(list(method.parameters())) == len(list(alone.parameters()))


def test_that_the_feature_term_reaches_the_students_trunk_alone(method, batch):
    images = batch.images.clone().requires_grad_()
    term = change(method, non_masked_share=0).losses(batch._replace(images=images))["feature"]
    term.backward()
    assert method.network.trunk.weight.grad.abs().sum() > 0
    assert method.network.head.weight.grad is None
    assert images.grad[0].abs().sum() == 0  # of the teacher
    assert images.grad[1].abs().sum() > 0


def test_that_the_teacher_is_a_baseline_on_non_masked_faces_of_the_same_network():
    settings = Distillation.Settings(network="resnet34")
    assert Distillation.needs(settings) == Needed("baseline", "nm", {"network": "resnet34"})


def test_that_the_released_rates_are_its_own():
    begun = start(Distillation, "released")
    assert (begun.training.trunk_rate, begun.training.head_rate) == (1e-2, 1e-2)
    assert begun.settings.feature_weight == 100


def test_that_the_paper_s_eq_1_is_read_as_printed():
    begun = start(Distillation, "paper")
    assert (begun.settings.feature_weight, begun.settings.feature) == (100, "raw")
    assert "raw, as eq. 1 is printed" in begun.title


def test_that_raw_features_can_be_compared_with_the_teacher_s(method, batch):
    raw = change(method, feature="raw", non_masked_share=0).losses(batch)
    assert raw["feature"].item() == pytest.approx(100 * (3**2 + 2**2) / 2)
