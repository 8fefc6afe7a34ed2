from importlib.metadata import PackageNotFoundError

import pytest
from torch import nn

from engine.domain import Failure
from engine.experiment.experiment import Training
from engine.methods.base import method
from engine.networks import timm_backbone
from engine.runs.planning import RunRequest, design, foresee
from engine.runs.presets import start
from tests.engine.making import dataset


class Study:
    """What planning needs of one, with nothing on disk."""

    def __init__(self, folder):
        self.runs_folder = folder

    def dataset(self, name):
        return dataset()


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


def refused(study, name, preset="quick", **changes):
    with pytest.raises(Failure) as told:
        design(study, RunRequest(name, preset=preset, folds=2, changes=changes))
    return str(told.value)


@pytest.mark.parametrize(("name", "preset"), [("scan", "authors"), ("scan", "quick")])
def test_that_a_size_which_a_method_cannot_train_at_is_refused(study, name, preset):
    told = refused(study, name, preset, size=112, swapped_bottom=True)
    assert told.startswith("SCAN with swapped_bottom cannot be trained at 112 px: choose 224 px")
    for size, swapped in ((112, False), (224, True), (448, True)):
        changes = {"size": size, "swapped_bottom": swapped}
        design(study, RunRequest(name, preset=preset, folds=2, changes=changes))


def test_that_a_size_which_a_network_of_timm_cannot_make_a_map_of_is_refused(monkeypatch):
    monkeypatch.setattr(timm_backbone, "_create", lambda name: nn.Conv2d(3, 4, 65))
    timm_backbone.TimmBackbone.check_size("timm:wide", 65)
    with pytest.raises(Failure, match=r"^timm:wide cannot be trained at 64 px: choose another"):
        timm_backbone.TimmBackbone.check_size("timm:wide", 64)


@pytest.mark.parametrize("changes", [{"trunk_rate": 10}, {"epochs": True}, {"drops": -1}])
def test_that_a_value_no_training_survives_is_refused(study, changes):
    assert "cannot be used" in refused(study, "baseline", **changes)


def test_that_a_seed_out_of_range_is_refused(study):
    with pytest.raises(Failure, match="from 0 to 4294967295"):
        design(study, RunRequest("baseline", seed=2**32))


def test_that_the_teacher_of_a_student_as_released_is_trained_as_the_paper_has_it(study):
    found = foresee(study, RunRequest("distillation", preset="released", folds=2))
    student, teacher = found.experiment, found.teacher.experiment
    assert (student.preset, student.training.epochs) == ("released", 24)
    assert (teacher.preset, teacher.training) == ("paper", Training())
    assert teacher.settings == {"network": "msde18"} == {"network": student.settings["network"]}
    assert "under the preset paper" in start(method("distillation"), "released").title


def test_that_a_clone_that_is_not_installed_plans_runs(study, monkeypatch):
    def version(package):
        if package == "msde-studio":
            raise PackageNotFoundError(package)
        return "1"

    monkeypatch.setattr("engine.system.versions.version", version)
    experiment, _ = design(study, RunRequest("baseline", "nm", "quick", folds=2))
    assert experiment.versions["msde-studio"] == "not installed"
    assert experiment.versions["torch"] == "1"
