import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks import drawings
from engine.domain import Failure
from engine.events import EpochEnded, RunEnded
from engine.execution import launch
from engine.importing import inspect, save
from engine.planning import Choices, plan
from engine.store.runs import State, runs_in
from engine.store.study import Study
from tests.engine.execution.following import assert_same_outcome, ended, said, until

QUICK = {"epochs": 4, "size": 32, "batch": 8, "drops": [3]}


@pytest.fixture(scope="module")
def study_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Tëst データ")
    faces = drawings.study(folder / "faces", subjects=6, size=32)
    with Study(folder / "study", create=True) as study:
        save(inspect(faces, study), study)
    return folder / "study"


def queued(folder, **choices):
    choices = {"method": "baseline", "train": "mix", "preset": "quick", "folds": 2} | choices
    with Study(folder) as study:
        return plan(study, Choices(**({"changes": QUICK} | choices)))


@pytest.fixture(scope="module")
def uninterrupted(study_folder):
    run = queued(study_folder)
    assert ended(run, launch.start(run, 2)) is State.FINISHED
    return run


def test_that_a_finished_run_predicts_every_sample_once_and_keeps_scores(uninterrupted):
    predictions = uninterrupted.predictions()
    with Study(uninterrupted.study_folder) as study:
        dataset = study.dataset()
    assert predictions.samples.tolist() == dataset.ids.tolist()
    held_out = uninterrupted.protocol.fold_of()
    assert [held_out[subject] for subject in dataset.subjects] == predictions.folds.tolist()
    assert np.allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-5)
    scores = json.loads((uninterrupted.folder / "scores.json").read_text(encoding="utf-8"))
    assert set(scores) == {"nm", "m", "average"}
    assert scores["nm"]["n"] == len(dataset) // 2
    assert said(uninterrupted, RunEnded)[-1].state == "finished"


def test_that_a_stopped_and_resumed_run_ends_bit_for_bit_alike(study_folder, uninterrupted):
    run = queued(study_folder)
    worker = launch.start(run, 1)
    until(lambda: said(run, EpochEnded))
    asked = time.monotonic()
    launch.stop(run)
    assert run.state() in (State.STOPPING, State.STOPPED)
    assert ended(run, worker) is State.STOPPED
    assert time.monotonic() - asked < 10
    assert (run.fold(0) / "training.safetensors").exists()
    assert ended(run, launch.start(run, 2)) is State.FINISHED
    assert_same_outcome(run, uninterrupted)


def test_that_a_killed_run_reads_interrupted_leaves_no_process_and_resumes(
    study_folder, uninterrupted
):
    run = queued(study_folder)
    worker = launch.start(run, 2)
    until(lambda: said(run, EpochEnded))
    family = psutil.Process(worker.pid).children(recursive=True)
    psutil.Process(worker.pid).kill()
    assert worker.ended(10)
    assert run.state() is State.INTERRUPTED
    until(lambda: not any(is_working(process) for process in family), 10)
    assert ended(run, launch.start(run, 2)) is State.FINISHED
    assert_same_outcome(run, uninterrupted)


def is_working(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_that_a_run_stops_when_its_starter_goes_unless_it_was_detached(study_folder):
    run = queued(study_folder, changes=QUICK | {"epochs": 200})
    worker = launch.start(run, 1)
    until(lambda: said(run, EpochEnded))
    worker.detach()
    time.sleep(0.5)
    assert run.state() is State.RUNNING
    launch.force(run)
    assert ended(run, worker) is State.STOPPED
    worker = launch.start(run, 1)
    worker.leave()
    assert ended(run, worker) is State.STOPPED


def test_that_a_fold_that_cannot_go_on_says_why_and_the_others_finish(study_folder):
    run = queued(study_folder)
    run.fold(0).mkdir()
    (run.fold(0) / "training.safetensors").write_bytes(b"\0" * 100)
    assert ended(run, launch.start(run, 2)) is State.FAILED
    assert "training.safetensors" in run.failure()
    assert run.finished_folds() == [1]


def test_that_a_fold_that_the_system_killed_is_told_with_advice(study_folder):
    run = queued(study_folder)
    worker = launch.start(run, 2)
    until(lambda: said(run, EpochEnded))
    fold = next(c for c in psutil.Process(worker.pid).children() if is_fold(c))
    fold.kill()
    assert ended(run, worker) is State.FAILED
    assert "--set batch=4" in run.failure()
    assert len(run.finished_folds()) == 1


def is_fold(process):
    return "spawn_main" in " ".join(process.cmdline())


def test_that_images_gone_since_the_import_are_named(study_folder, tmp_path):
    faces = drawings.study(tmp_path / "faces", subjects=3, size=32)
    with Study(tmp_path / "study", create=True) as study:
        save(inspect(faces, study), study)
    (faces / "MSD-E" / "001_3_drawn.jpg").unlink()
    run = queued(tmp_path / "study")
    assert ended(run, launch.start(run)) is State.FAILED
    assert "001_3_drawn.jpg" in run.failure()


def test_that_later_imports_do_not_change_a_run(study_folder, tmp_path):
    faces = drawings.study(tmp_path / "faces", subjects=3, size=32)
    with Study(tmp_path / "study", create=True) as study:
        save(inspect(faces, study), study)
        run = plan(study, Choices("baseline", "nm", "quick", changes=QUICK | {"epochs": 1}))
        more = tmp_path / "more"
        drawings.draw(drawings.person(77), 0, False, 32).save(more_file(more))
        save(inspect(more, study), study)
        assert len(study.dataset()) == 43
    assert ended(run, launch.start(run)) is State.FINISHED
    assert len(run.predictions()) == 42


def more_file(folder):
    (folder / "surprise").mkdir(parents=True)
    return folder / "surprise" / "S77_a.png"


def test_that_a_run_is_not_started_twice(uninterrupted):
    with pytest.raises(Failure, match="finished"):
        launch.start(uninterrupted)


def test_that_the_coordinator_imports_no_torch():
    code = "import sys, engine.execution.local; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_that_runs_are_listed_in_order(study_folder, uninterrupted):
    with Study(study_folder) as study:
        assert runs_in(study.runs_folder)[0] == uninterrupted
    assert uninterrupted.id.startswith("001-")
