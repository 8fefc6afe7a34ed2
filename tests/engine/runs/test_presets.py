import pytest

from engine.domain import Failure
from engine.experiment.experiment import PRESETS
from engine.methods.base import method, methods
from engine.runs.presets import list_offered, nearest, start

CASES = [(name, preset) for name, cls in methods().items() for preset in list_offered(cls)]


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
    assert list_offered(method("baseline")) == ["paper", "quick"]
    with pytest.raises(Failure, match="Baseline has no preset “alt”: choose one of paper, quick"):
        start(method("baseline"), "alt")
    assert "alt" in list_offered(method("contrastive"))


def test_that_presets_after_public_programs_are_of_methods_that_have_one():
    found = {
        preset: {name for name, cls in methods().items() if preset in list_offered(cls)}
        for preset in ("released", "authors")
    }
    assert found == {"released": {"contrastive", "distillation"}, "authors": {"ran", "scan"}}
    for preset, names in found.items():
        assert all("Left out: " in start(method(name), preset).title for name in names)


def test_that_a_method_without_the_preset_has_the_papers_in_its_place():
    assert nearest(method("baseline"), "quick") == "quick"
    assert nearest(method("baseline"), "released") == "paper"


def test_that_rans_authors_train_as_for_ferplus():
    begun = start(method("ran"), "authors")
    given, settings = begun.training, begun.settings
    assert (given.optimizer, given.momentum, given.weight_decay) == ("sgd", 0.9, 1e-4)
    assert (given.trunk_rate, given.head_rate, given.batch, given.epochs) == (0.1, 0.1, 128, 60)
    assert given.drops == (18, 30, 48)  # 30, 50 and 80 %
    assert (given.scaling, given.scaling_of_tests) == ("unit", "unit")
    assert (given.flip, given.geometry, given.colour, given.balanced) == (False, 0, 0, False)
    assert (settings.network, settings.margin, settings.crops_apart) == ("ran18", 0.1, True)
    assert not settings.whole_competes  # a mistake of another program


def test_that_scans_authors_train_as_for_raf_db():
    begun = start(method("scan"), "authors")
    given, settings = begun.training, begun.settings
    assert (given.optimizer, given.momentum, given.weight_decay) == ("sgd", 0.9, 1e-3)
    assert (given.trunk_rate, given.head_rate, given.batch, given.epochs) == (1e-4, 1e-2, 64, 60)
    assert (given.drops, given.rate_decay) == ((), 0.95)
    assert (given.scaling, given.scaling_of_tests, given.balanced) == ("half", "half", True)
    assert (given.flip, given.geometry) == (True, 0)
    assert settings.network == "scan-shared"
    assert settings.swapped_bottom
    assert settings.freeze_statistics


def test_that_the_paper_is_the_paper():
    paper = start(method("baseline"), "paper")
    assert paper.folds == 10
    training = paper.training
    assert (training.epochs, training.size, training.drops) == (25, 224, (8, 14, 20))
    assert (training.trunk_rate, training.head_rate) == (1e-4, 1e-3)


def test_that_an_unknown_preset_lists_those_there_are():
    with pytest.raises(Failure, match="no preset “papper”: choose one of paper, quick"):
        start(method("baseline"), "papper")
