import json
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file, save_file

from engine.data.importing import inspect, save
from engine.domain import Failure
from engine.events import Cancelled, EpochEnded, Logged, RunEnded, RunStarted, encode
from engine.runs import coordinator as local
from engine.runs import launch
from engine.runs.coordinator import work
from engine.runs.planning import RunRequest, plan
from engine.runs.repair import repair
from engine.store.files import write_json
from engine.store.runs import Run, State, runs_in
from engine.store.study import Study
from engine.store.trained_folds import check_unchanged
from tests import drawings
from tests.engine.runs.following import assert_same_outcome, ended, said, until

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
        return plan(study, RunRequest(**({"changes": QUICK} | choices)))


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
    assert set(scores) == {"format", "nm", "m", "average"}
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
    assert "killed its process (signal 9)" in run.failure()
    assert "If memory was short, try again with --set batch=4" in run.failure()
    assert len(run.finished_folds()) == 1


@pytest.mark.parametrize(
    ("code", "memory", "told"),
    [
        (-9, 1, "There was not enough memory for batches of 8: try again with --set batch=4"),
        (-9, 0, "Somebody or the system killed its process (signal 9). If memory was short"),
        (3, 0, "ended with code 3; see worker.log"),
    ],
)
def test_that_memory_is_blamed_where_the_system_says_so(
    uninterrupted, monkeypatch, surprises, code, memory, told
):
    monkeypatch.setattr(local, "count_memory_kills", lambda: 5)
    coordinator = local.Coordinator(uninterrupted, 1, None)
    monkeypatch.setattr(local, "count_memory_kills", lambda: 5 + memory)
    assert told in coordinator._fallen(0, code).message
    assert [record.getMessage() for record in surprises] == [
        f"Fold 1: its process ended with code {code}"
    ]
    surprises.clear()


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
        run = plan(study, RunRequest("baseline", "nm", "quick", changes=QUICK | {"epochs": 1}))
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
    code = "import sys, engine.runs.coordinator; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_that_runs_are_listed_in_order(study_folder, uninterrupted):
    with Study(study_folder) as study:
        assert runs_in(study.runs_folder)[0] == uninterrupted
    assert uninterrupted.id.startswith("001-")


def test_that_what_a_finished_run_has_lost_is_made_again_alike(study_folder, uninterrupted):
    run = queued(study_folder)
    copytree(uninterrupted.folder, run.folder, dirs_exist_ok=True)
    (run.fold(0) / "network.safetensors").unlink()
    (run.fold(1) / "predictions.npz").write_bytes(b"PK\3\4")
    (run.folder / "scores.json").unlink()
    assert run.state() is State.FINISHED
    before = len(said(run, EpochEnded))
    assert repair(run) == [
        "Fold 1: its network is missing or damaged; it is trained again.",
        "Fold 2: its predictions are damaged; its network makes them again.",
    ]
    assert run.state() is not State.FINISHED
    assert ended(run, launch.start(run, 2)) is State.FINISHED
    assert_same_outcome(run, uninterrupted)
    assert {event.fold for event in said(run, EpochEnded)[before:]} == {0}
    assert repair(run) == []


@pytest.mark.parametrize("file", ["experiment.json", "folds.json"])
def test_that_what_was_edited_after_a_fold_was_trained_is_refused(
    study_folder, uninterrupted, file
):
    run = queued(study_folder)
    copytree(uninterrupted.folder, run.folder, dirs_exist_ok=True)
    text = (run.folder / file).read_text(encoding="utf-8")
    edited = text.replace('"epochs": 4', '"epochs": 5').replace('"seed": 0', '"seed": 1')
    (run.folder / file).write_text(edited, encoding="utf-8")
    (run.fold(1) / "predictions.npz").unlink()
    again = Run(run.folder)
    assert work(again) is State.FAILED
    assert "were changed after its fold 1 was begun: put the old" in again.failure()


def test_that_folds_of_older_versions_that_do_not_say_go_on(study_folder, uninterrupted):
    run = queued(study_folder)
    copytree(uninterrupted.fold(0), run.fold(0))
    file = run.fold(0) / "network.safetensors"
    save_file(load_file(file), file)
    check_unchanged(run)
    copytree(uninterrupted.fold(1), run.fold(1))
    check_unchanged(run)
    write_json(run.folder / "folds.json", [])
    with pytest.raises(Failure, match="were changed"):
        check_unchanged(run)


def test_that_a_run_queued_for_a_gpu_goes_on_where_there_is_none(study_folder):
    run = queued(study_folder, changes=QUICK | {"epochs": 1})
    wish = json.loads((run.folder / "experiment.json").read_text(encoding="utf-8"))
    wish |= {"devices": ["cuda:0", "cuda:1"], "precision": "bf16"}
    write_json(run.folder / "experiment.json", wish)
    with run.events_file.open("w", encoding="utf-8") as log:
        log.write(encode(RunStarted(2, 4, "cuda:0, cuda:1", "bf16", 2)) + "\n")
    run.fold(0).mkdir()
    assert ended(run, launch.start(run, 2), 240) is State.FINISHED
    assert said(run, RunStarted)[-1].device == "cpu"
    told = said(run, Logged)[0].message
    assert "begun on cuda:0, cuda:1 in bf16" in told
    assert "no longer equal bit for bit" in told


def test_that_a_run_says_before_it_trains_which_images_look_like_other_people(
    tmp_path, monkeypatch
):
    def stop(*_):
        raise Cancelled

    faces = drawings.study(tmp_path / "faces", subjects=3, size=32)
    with Study(tmp_path / "study", create=True) as study:
        save(inspect(faces, study), study)
        shown = study.dataset().samples
        twin = study.thumbnails.jpeg(shown[0].sha256)
        study.thumbnails.add((one.sha256, twin) for one in shown if one.subject != shown[0].subject)
    run = queued(tmp_path / "study", folds=3)
    monkeypatch.setattr(local, "pack", stop)  # which comes next
    for _ in range(2):
        work(run)
        (told,) = said(run, Logged)  # once, however often it is resumed
        assert "images look the same as one of another person" in told.message
