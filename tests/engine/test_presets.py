import pytest

from engine.domain import Failure
from engine.experiment import PRESETS
from engine.methods.base import method, methods
from engine.presets import offered, start

CASES = [(name, preset) for name, cls in methods().items() for preset in offered(cls)]


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_that_every_preset_of_every_method_can_be_started_from(name, preset):
    begun = start(method(name), preset)
    assert begun.title
    assert begun.folds == PRESETS[preset].folds
    assert isinstance(begun.settings, method(name).Settings)


@pytest.mark.parametrize("name", methods())
def test_that_a_methods_own_values_are_of_presets_that_there_are(name):
    assert set(method(name).presets) <= set(PRESETS)


def test_that_a_preset_without_meaning_for_a_method_is_not_offered():
    assert offered(method("baseline")) == ["paper", "released", "quick"]
    with pytest.raises(Failure, match="Baseline has no preset “alt”: choose one of paper, rel"):
        start(method("baseline"), "alt")
    assert "alt" in offered(method("contrastive"))


def test_that_the_paper_is_the_paper():
    paper = start(method("baseline"), "paper")
    assert paper.folds == 10
    training = paper.training
    assert (training.epochs, training.size, training.drops) == (25, 224, (8, 14, 20))
    assert (training.trunk_rate, training.head_rate) == (1e-4, 1e-3)


def test_that_an_unknown_preset_lists_those_there_are():
    with pytest.raises(Failure, match="no preset “papper”: choose one of paper, released, quick"):
        start(method("baseline"), "papper")
