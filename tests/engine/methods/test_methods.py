from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest
import torch
from pydantic import TypeAdapter

from engine.domain import Failure
from engine.methods.base import Batch, method, methods
from engine.networks.base import Network

VIEWS = {"nm": 1, "m": 1, "mix": 1, "pairs": 2}
CASES = [(name, train) for name, cls in methods().items() for train in cls.trains_on]


@pytest.mark.parametrize(("name", "train"), CASES)
def test_that_a_method_teaches_its_network(name, train):
    torch.manual_seed(0)
    taught = ready(name).train()
    batch = Batch(torch.rand(VIEWS[train], 7, 3, 32, 32), torch.arange(7))
    optimizer = torch.optim.SGD([p for p in taught.parameters() if p.requires_grad], 1e-5)
    before = total(taught, batch)
    before.backward()
    gradients = [p.grad for p in taught.network.parameters() if p.grad is not None]
    assert any(gradient.abs().max() > 0 for gradient in gradients)
    assert all(gradient.isfinite().all() for gradient in gradients)
    optimizer.step()
    assert total(taught, batch) < before


def ready(name):
    """A method with all it needs, its teacher an untrained network."""
    cls, settings = method(name), settings_of(name)
    made = cls(settings)
    needed = cls.needs(settings)
    if needed:
        taught = method(needed.method)
        chosen = TypeAdapter(taught.Settings).validate_python(needed.settings)
        made.learn_from(taught(chosen).network)
    return made


@pytest.mark.parametrize("name", methods())
def test_that_what_a_method_needs_can_be_trained(name):
    needed = method(name).needs(settings_of(name))
    if needed:
        assert needed.train in method(needed.method).trains_on
        TypeAdapter(method(needed.method).Settings).validate_python(needed.settings)
        with pytest.raises(TypeError, match="learn_from"):
            total(
                method(name)(settings_of(name)), Batch(torch.rand(2, 2, 3, 32, 32), torch.ones(2))
            )
    else:
        with pytest.raises(TypeError, match="learns from no other"):
            method(name)(settings_of(name)).learn_from(ready("baseline").network)


def settings_of(name):
    """The defaults, checked as the user's choices are."""
    settings = method(name).Settings
    assert is_dataclass(settings)
    properties = TypeAdapter(settings).json_schema().get("properties", {})
    assert set(properties) == {field.name for field in fields(settings)}
    chosen = TypeAdapter(settings).validate_python({})
    with pytest.raises(FrozenInstanceError):
        chosen.anything = 1
    return chosen


def total(taught, batch):
    """The summed loss. What the method draws itself is drawn alike each time."""
    torch.manual_seed(1)
    assert isinstance(taught.network, Network)
    losses = taught.losses(batch)
    assert losses
    for name, term in losses.items():
        assert name
        assert term.shape == ()
        assert term.isfinite()
    return torch.stack(list(losses.values())).sum()


@pytest.mark.parametrize("name", methods())
def test_that_a_method_has_a_title_and_something_to_train_on(name):
    cls = method(name)
    assert cls.title
    assert cls.trains_on
    assert set(cls.trains_on) <= set(VIEWS)


def test_that_the_baseline_is_plain_cross_entropy():
    baseline = method("baseline")(settings_of("baseline")).eval()
    batch = Batch(torch.rand(1, 3, 3, 32, 32), torch.tensor([6, 0, 3]))
    said = baseline.network(batch.images[0]).softmax(dim=1)
    expected = -said[range(3), batch.expressions].log().mean()
    assert total(baseline, batch).item() == pytest.approx(expected.item(), rel=1e-5)


def test_that_the_two_images_of_a_pair_are_plain_images_to_the_baseline():
    baseline = method("baseline")(settings_of("baseline")).eval()
    images, expressions = torch.rand(2, 3, 3, 32, 32), torch.tensor([6, 0, 3])
    once = [total(baseline, Batch(view[None], expressions)).item() for view in images]
    assert total(baseline, Batch(images, expressions)).item() == pytest.approx(sum(once) / 2)


def test_that_an_unknown_method_lists_those_there_are():
    with pytest.raises(Failure, match=r"no method “magic”: choose one of .*baseline"):
        method("magic")


def test_that_an_unknown_network_lists_those_there_are():
    with pytest.raises(ValueError, match=r"choose one of .*resnet18"):
        TypeAdapter(method("baseline").Settings).validate_python({"network": "vgg"})
