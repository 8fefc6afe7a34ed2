import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.domain import Failure
from engine.runs import launch
from engine.runs.planning import RunRequest, plan
from engine.runs.queue import enqueue, take
from engine.store import queue
from engine.store.runs import State
from tests.engine import making
from tests.engine.runs.following import until

START = """
from pathlib import Path
from engine.runs import launch
launch.start_queue(Path({study!r}))
"""
TINY = {"epochs": 1, "size": 32, "batch": 16}


@pytest.fixture
def runs(tmp_path):
    return [making.run(tmp_path, seed=seed) for seed in range(2)]


def begin(run):
    """As ``launch.start``, with this process as the worker."""
    run.beat(os.getpid())
    return "worker"


def test_that_the_queue_is_taken_one_run_after_another(runs):
    folder = runs[0].folder.parent
    for run in runs:
        enqueue(run)
    assert take(folder, begin) == (runs[0], "worker")
    assert take(folder, begin) is None  # the first works
    (runs[0].folder / "heartbeat").unlink()
    queue.leave(runs[0])
    assert take(folder, begin) == (runs[1], "worker")


def test_that_a_run_cut_off_by_a_loss_of_power_is_taken_first(runs):
    folder = runs[0].folder.parent
    for run in runs:
        enqueue(run)
    gone = {"pid": 1, "started": 1.0, "host": "", "time": 0}
    (runs[0].folder / "heartbeat").write_text(json.dumps(gone))
    assert runs[0].state() is State.INTERRUPTED
    assert take(folder, begin) == (runs[0], "worker")


def test_that_a_held_queue_starts_nothing(runs):
    folder = runs[0].folder.parent
    enqueue(runs[0])
    queue.hold(folder)
    assert take(folder, begin) is None
    enqueue(runs[1])  # whoever adds a run wants it to go on
    assert take(folder, begin) == (runs[0], "worker")


def test_that_a_run_that_cannot_start_says_why_and_leaves(runs):
    def refuse(run):
        raise Failure("No memory.")

    enqueue(runs[0])
    with pytest.raises(Failure, match="No memory"):
        take(runs[0].folder.parent, refuse)
    assert queue.list_queued(runs[0].folder.parent) == []
    assert runs[0].failure() == "No memory."


def test_that_who_starts_a_run_first_is_the_only_one(tmp_path, monkeypatch):
    run, begun, refused = making.run(tmp_path), [], []
    monkeypatch.setattr(launch, "_start", lambda run, workers: begun.append(run) or Idle())

    def start():
        try:
            launch.start(run)
        except Failure as error:
            refused.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun == [run]
    assert len(refused) == 3
    assert "is running" in refused[0]


class Idle:
    pid, stdin = os.getpid(), None


def test_that_the_queue_goes_on_without_whoever_filled_it(tmp_path):
    with making.drawn_study(tmp_path, subjects=2) as study:
        choices = (RunRequest("baseline", on, "quick", folds=2, changes=TINY) for on in ("m", "nm"))
        runs = [plan(study, one) for one in choices]
    for run in runs[::-1]:
        enqueue(run)
    code = START.format(study=str(study.folder))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
    until(lambda: all(run.state() is State.FINISHED for run in runs), 240)
    first, second = (run.events_file.stat() for run in runs[::-1])
    assert first.st_mtime_ns < second.st_mtime_ns
    until(lambda: not queue.list_queued(study.runs_folder))
