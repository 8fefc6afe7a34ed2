import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.cli.runs import taught_by
from engine.domain import Failure
from engine.events import silent
from engine.experiment.fold_rows import held_out_rows
from engine.experiment.predictions import Predictions
from engine.inference.features import features
from engine.inference.networks import load_network
from engine.networks.base import build
from engine.runs.fold import _ready
from engine.runs.planning import RunRequest, earlier, foresee, plan
from engine.runs.reuse import SAME
from engine.runs.teachers import check_teacher
from engine.store.files import write_json
from engine.store.prediction_files import write
from engine.store.runs import Run, State
from engine.store.trained_folds import FOLD, fingerprint
from engine.training.checkpoint import save_weights
from engine.training.loop import TrainingContext
from tests.engine import making
from tests.engine.making import drawn_study

TINY = {"epochs": 3, "size": 32, "batch": 8, "drops": [2]}
KD = RunRequest("distillation", preset="quick", folds=2, changes=TINY)


@pytest.fixture
def study(tmp_path):
    with drawn_study(tmp_path) as study:
        yield study


@pytest.fixture
def teacher(study):
    """A finished one, of networks that were never taught."""
    run, dataset = plan(study, replace(KD, method="baseline", train="nm")), study.dataset()
    for fold in run.protocol.folds:
        network = build("resnet18")
        run.fold(fold.number).mkdir()
        told = {FOLD: fingerprint(fold)}
        save_weights(network, run.fold(fold.number) / "network.safetensors", told)
        rows = held_out_rows(dataset, fold)
        columns = dataset.conditions[rows], dataset.expressions[rows]
        shares = np.full((len(rows), 7), 1 / 7, dtype=np.float32)
        said = Predictions(dataset.ids[rows], np.full(len(rows), fold.number), *columns, shares)
        write(said, run.fold(fold.number) / "predictions.npz")
    return run


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 7, "changes": {**TINY, "trunk_rate": 1e-6, "flip": False}},
        {"changes": {**TINY, "trunk_rate": 1e-6}},
        {"changes": {**TINY, "flip": False}},
        {"changes": {**TINY, "batch": 4}},
        {"seed": 7},
        {"preset": "paper"},
    ],
    ids=str,
)
def test_that_a_teacher_that_learnt_otherwise_than_is_implied_is_made_anew(study, teacher, other):
    choices = replace(KD, fold_file=teacher.folder / "folds.json", **other)
    run = plan(study, choices)
    assert run.teacher != teacher
    assert run.teacher.experiment.training == run.experiment.training
    assert run.teacher.experiment.seed == run.experiment.seed
    assert plan(study, KD).teacher == teacher


def test_that_a_dry_run_says_why_a_finished_teacher_is_used_or_not(study, teacher):
    told = taught_by(foresee(study, replace(KD, changes={**TINY, "trunk_rate": 1e-6})))
    assert told == (
        "Its teacher, baseline on nm, is trained first. 001-baseline-nm is not used: its "
        "trunk_rate is 0.001 and 1e-06 is needed."
    )
    assert taught_by(foresee(study, replace(KD, seed=7))).count(" is needed") == 2  # and split
    assert taught_by(foresee(study, KD)).endswith(f"001-baseline-nm, is finished. {SAME}")


def test_that_each_fold_learns_from_its_teachers_network_of_that_fold(study, teacher, tmp_path):
    student = plan(study, KD)
    for fold in teacher.protocol.folds:
        material = replace(making.material(), fold=fold.number)
        means = TrainingContext(student.experiment.training, tmp_path)
        learnt = _ready(student, material, means)._teacher._network.state_dict()
        expected = load_file(teacher.fold(fold.number) / "network.safetensors")
        assert np.array_equal(learnt["head.weight"].numpy(), expected["head.weight"])
        other = load_file(teacher.fold(1 - fold.number) / "network.safetensors")
        assert not np.array_equal(learnt["head.weight"].numpy(), other["head.weight"])


def test_that_a_teacher_from_other_images_is_not_used_again(study, teacher):
    written = json.loads((teacher.folder / "experiment.json").read_text(encoding="utf-8"))
    other = written | {"fingerprint": "0" * 64}
    write_json(teacher.folder / "experiment.json", other)
    foreseen = foresee(study, KD)
    assert foreseen.teacher.run is None
    assert "its images and labels is 000000" in foreseen.teacher.why
    with pytest.raises(Failure, match="it learnt from other images or labels"):
        plan(study, replace(KD, teacher=teacher.id))


@pytest.mark.parametrize("name", ["msde-studio", "learning"])
def test_that_a_run_of_a_program_that_teaches_otherwise_is_used_again_only_if_asked(
    study, teacher, name
):
    written = json.loads((teacher.folder / "experiment.json").read_text(encoding="utf-8"))
    versions = written["versions"] | {name: "0"}
    write_json(teacher.folder / "experiment.json", written | {"versions": versions})
    lesson = replace(KD, method="baseline", train="nm")
    foreseen = foresee(study, lesson)
    assert foreseen.run is None
    assert "its program is" in foreseen.why
    assert earlier(study, replace(lesson, any_version=True)) == Run(teacher.folder)
    versions = written["versions"] | {"torch": "0"}
    write_json(teacher.folder / "experiment.json", written | {"versions": versions})
    assert earlier(study, lesson) == Run(teacher.folder)


@pytest.mark.parametrize("program", ["this", "an older"])
def test_that_networks_are_refused_whose_folds_were_edited_after_training(study, teacher, program):
    """An older program's networks tell nothing of their folds, but their predictions do."""
    if program == "an older":
        for fold in teacher.protocol.folds:
            file = teacher.fold(fold.number) / "network.safetensors"
            save_file(load_file(file), file)
    load_network(teacher, 0)  # nothing contradicts
    folds = json.loads((teacher.folder / "folds.json").read_text(encoding="utf-8"))
    write_json(teacher.folder / "folds.json", folds | {"folds": folds["folds"][::-1]})
    edited, changed = Run(teacher.folder), r"folds\.json was changed after fold 1 was trained"
    choices = replace(KD, fold_file=edited.folder / "folds.json")
    with pytest.raises(Failure, match=changed):
        plan(study, replace(choices, teacher=edited.id))
    student = plan(study, choices)
    assert student.teacher != edited
    assert earlier(study, replace(choices, method="baseline", train="nm")).state() is State.QUEUED
    written = json.loads((student.folder / "experiment.json").read_text(encoding="utf-8"))
    write_json(student.folder / "experiment.json", written | {"teacher": edited.id})
    with pytest.raises(Failure, match=changed):
        check_teacher(Run(student.folder))
    for use in (load_network, lambda run, fold: features(run, fold, silent)):
        with pytest.raises(Failure, match=changed):
            use(edited, 0)
