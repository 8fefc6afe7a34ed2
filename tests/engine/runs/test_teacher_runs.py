import json
from dataclasses import replace
from shutil import copytree, rmtree

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from engine.data.importing import inspect, save
from engine.domain import Failure
from engine.events import EpochEnded
from engine.runs import launch
from engine.runs.coordinator import work
from engine.runs.planning import RunRequest, earlier, foresee, plan, reuse
from engine.runs.teachers import check_teacher, due, find_awaited
from engine.store.files import write_json
from engine.store.run_images import record
from engine.store.runs import Run, State, discard, runs_in
from engine.store.study import Study
from engine.store.trained_folds import EXPERIMENT, check_learnt, fingerprint
from tests import drawings
from tests.engine.making import drawn_study
from tests.engine.runs.following import assert_same_outcome, ended, said, until

TINY = {"epochs": 3, "size": 32, "batch": 8, "drops": [2]}
KD = RunRequest("distillation", preset="quick", folds=2, changes=TINY)
CL = replace(KD, method="contrastive")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Tëst データ")
    faces = drawings.study(folder / "faces", subjects=4, size=32)
    with Study(folder / "study", create=True) as study:
        save(inspect(faces, study), study)
    return folder / "study"


@pytest.fixture
def study(folder):
    with Study(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def taught(folder):
    """A finished run of knowledge distillation, after its teacher."""
    with Study(folder) as study:
        run = plan(study, KD)
    for one in due(run):
        assert ended(one, launch.start(one, 2)) is State.FINISHED
    return run


@pytest.fixture
def empty(tmp_path):
    """A study of its own, where nothing has run."""
    with drawn_study(tmp_path) as study:
        yield study


def test_that_planning_without_a_teacher_queues_one_on_the_same_folds(empty):
    run = plan(empty, replace(KD, seed=5))
    teacher, last = runs_in(empty.runs_folder)
    assert last == run
    assert run.experiment.teacher == teacher.id == "001-baseline-nm"
    assert (teacher.experiment.method, teacher.experiment.train) == ("baseline", "nm")
    assert teacher.protocol.folds == run.protocol.folds
    assert teacher.experiment.training == run.experiment.training
    assert find_awaited(run) == teacher
    assert due(run) == [teacher, run]


def test_that_a_run_does_not_start_before_its_teacher_is_finished(empty):
    run = plan(empty, KD)
    with pytest.raises(Failure, match=r"002-distillation-pairs waits .* 001-.* which is queued"):
        launch.start(run)
    assert run.state() is State.QUEUED


def test_that_another_run_waits_for_the_same_teacher(empty):
    first, second = plan(empty, KD), plan(empty, replace(KD, changes={**TINY, "both": True}))
    assert first.experiment.teacher == second.experiment.teacher
    assert len(runs_in(empty.runs_folder)) == 3


def test_that_a_finished_teacher_is_used_again(taught, study):
    before = len(runs_in(study.runs_folder))
    run = plan(study, KD)
    assert run.teacher == taught.teacher
    assert len(runs_in(study.runs_folder)) == before + 1
    assert due(run) == [run]
    rmtree(run.folder)


@pytest.mark.parametrize("changes", [{"size": 40}, {"epochs": 1}, {"network": "resnet34"}])
def test_that_a_teacher_of_another_size_length_or_network_is_made_anew(taught, study, changes):
    run = plan(study, replace(KD, changes={**TINY, **changes}))
    assert run.teacher != taught.teacher
    assert run.teacher.state() is State.QUEUED
    rmtree(run.folder)
    rmtree(run.teacher.folder)


def test_that_other_folds_have_another_teacher(taught, study):
    run = plan(study, replace(KD, seed=3))
    assert run.teacher != taught.teacher
    rmtree(run.folder)
    rmtree(run.teacher.folder)


@pytest.mark.parametrize("choices", [KD, CL], ids=lambda choices: choices.method)
def test_that_stopped_and_resumed_pairs_end_bit_for_bit_alike(taught, study, choices):
    whole, cut = plan(study, choices), plan(study, choices)
    assert ended(whole, launch.start(whole, 2)) is State.FINISHED
    worker = launch.start(cut, 1)
    until(lambda: said(cut, EpochEnded))
    launch.stop(cut)
    assert ended(cut, worker) is State.STOPPED
    assert ended(cut, launch.start(cut, 2)) is State.FINISHED
    assert_same_outcome(cut, whole)


def test_that_a_run_survives_a_stop_before_its_turn(empty):
    run = plan(empty, KD)
    teacher = run.teacher
    worker = launch.start(teacher, 1)
    until(lambda: said(teacher, EpochEnded))
    launch.stop(teacher)
    assert ended(teacher, worker) is State.STOPPED
    with pytest.raises(Failure, match="which is stopped: finish that one first"):
        launch.start(run)
    for one in due(Run(run.folder)):
        assert ended(one, launch.start(one, 2)) is State.FINISHED
    assert len(runs_in(empty.runs_folder)) == 2


def test_that_the_student_keeps_its_own_network_alone(taught):
    for fold in taught.protocol.folds:
        ours, theirs = (
            load_file(run.fold(fold.number) / "network.safetensors")
            for run in (taught, taught.teacher)
        )
        assert ours.keys() == theirs.keys()
        assert not np.array_equal(ours["head.weight"], theirs["head.weight"])


@pytest.mark.parametrize("name", ["best.pt", "networks/teacher.safetensors"])
def test_that_one_teacher_for_all_folds_is_refused_with_the_reason(study, name):
    with pytest.raises(Failure, match="one teacher for all folds has seen the subjects"):
        plan(study, replace(KD, teacher=name))


def test_that_a_teacher_of_other_folds_is_refused_with_the_reason(taught, study):
    teacher = taught.teacher.id
    with pytest.raises(Failure, match="its networks have seen subjects that are to be tested"):
        plan(study, replace(KD, seed=3, teacher=teacher))
    same_folds = taught.teacher.folder / "folds.json"
    run = plan(study, replace(KD, seed=3, fold_file=same_folds, teacher=teacher))
    assert run.experiment.teacher == teacher
    rmtree(run.folder)


def test_that_a_run_that_learns_something_else_is_no_teacher(taught, study):
    wanted = "it is distillation on pairs and baseline on nm is needed"
    with pytest.raises(Failure, match=wanted):
        plan(study, replace(KD, teacher=taught.id))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"network": "resnet34"}, "its network is resnet18 and resnet34 is needed"),
        ({"size": 40}, "its image size is 32 px and 40 px is needed"),
    ],
)
def test_that_a_teacher_of_another_network_or_size_is_refused(taught, study, changes, reason):
    choices = replace(KD, changes={**TINY, **changes}, teacher="1")
    with pytest.raises(Failure, match=f"Run 001-baseline-nm cannot be the teacher: {reason}"):
        plan(study, choices)


def test_that_a_teacher_of_other_images_is_refused(taught, study, tmp_path):
    more = drawings.study(tmp_path / "faces", subjects=4, size=48)
    with Study(tmp_path / "study", create=True) as other:
        save(inspect(more, other), other)
        copytree(taught.teacher.folder, other.runs_folder / taught.teacher.id)
        with pytest.raises(Failure, match="it learnt from other images or labels"):
            plan(other, replace(KD, teacher=taught.teacher.id))


def test_that_an_unfinished_or_unknown_teacher_is_refused(empty):
    teacher = plan(empty, KD).teacher
    with pytest.raises(Failure, match=r"cannot be the teacher yet: it is queued\. Finish it first"):
        plan(empty, replace(KD, teacher=teacher.id))
    with pytest.raises(Failure, match="There is no run “9”: the study has 001-baseline-nm"):
        plan(empty, replace(KD, teacher="9"))


def test_that_the_teacher_is_foreseen_and_nothing_is_made(taught, study, empty):
    before = runs_in(study.runs_folder)
    assert foresee(study, KD).teacher.run == taught.teacher
    assert foresee(study, KD).run == taught
    foreseen = foresee(empty, KD)
    assert (foreseen.run, foreseen.teacher.run) == (None, None)
    assert foreseen.teacher.experiment.train == "nm"
    assert foresee(study, CL).teacher is None
    assert (runs_in(study.runs_folder), runs_in(empty.runs_folder)) == (before, [])


def test_that_a_teacher_for_a_method_without_one_is_refused(taught, study):
    with pytest.raises(Failure, match="learns from no teacher"):
        plan(study, replace(CL, teacher=taught.teacher.id))


def test_that_folds_changed_behind_the_back_are_found_before_training(empty):
    run = plan(empty, KD)
    folds = json.loads((run.folder / "folds.json").read_text(encoding="utf-8"))
    write_json(run.teacher.folder / "folds.json", folds | {"folds": folds["folds"][::-1]})
    with pytest.raises(Failure, match="has other folds"):
        check_teacher(Run(run.folder))


def test_that_each_network_tells_which_fold_it_was_trained_on(taught):
    check_learnt(taught)
    told = []
    for fold in taught.protocol.folds:
        with safe_open(taught.fold(fold.number) / "network.safetensors", "np") as stored:
            told.append(stored.metadata()["fold"])
    assert told == [fingerprint(fold) for fold in taught.protocol.folds]


def test_that_what_the_images_of_a_run_are_is_kept_when_it_starts(taught, study):
    taught.samples_file.rename(taught.folder / "away")
    record(taught, study.dataset())
    assert taught.samples_file.read_bytes() == (taught.folder / "away").read_bytes()


def test_that_a_teacher_is_not_discarded_before_its_student_is_finished(empty):
    run = plan(empty, KD)
    with pytest.raises(Failure, match=r"is the teacher of run 002-.* discard that one first"):
        discard(run.teacher)


def test_that_a_lost_teacher_is_told(empty, tmp_path):
    run = plan(empty, KD)
    run.teacher.folder.rename(tmp_path / "gone")
    for verb in (due, launch.start):
        with pytest.raises(Failure, match="001-baseline-nm, is no longer in the study"):
            verb(run)


def test_that_the_very_same_run_is_found_again_rather_than_made(taught, study):
    assert earlier(study, KD) == taught
    assert reuse(study, KD) == taught
    assert earlier(study, replace(KD, seed=9)) is None
    assert earlier(study, replace(KD, changes={**TINY, "feature_weight": 3})) is None


def test_that_a_run_planned_for_reuse_is_made_once(empty):
    first = reuse(empty, KD)
    assert reuse(empty, KD) == first
    assert len(runs_in(empty.runs_folder)) == 2


def test_that_a_teacher_whose_settings_were_edited_teaches_nobody(tmp_path):
    with drawn_study(tmp_path) as study:
        student = plan(study, KD)
    teacher = student.teacher
    for fold in teacher.protocol.folds:
        teacher.fold(fold.number).mkdir()
        network = teacher.fold(fold.number) / "network.safetensors"
        save_file({"w": np.zeros(1)}, network, {EXPERIMENT: "of the settings before"})
        (teacher.fold(fold.number) / "predictions.npz").touch()
    assert work(student) is State.FAILED
    assert f"The settings or folds of run {teacher.id} were changed" in student.failure()
