import subprocess
import sys
import time

import pytest

from engine.domain import Failure
from engine.runs import launch
from engine.runs.teachers import due
from engine.store.files import read_json, write_json
from tests.engine.making import run as queued


def test_that_force_ends_nothing_here_for_a_worker_elsewhere(tmp_path):
    run, bystander = queued(tmp_path), subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1)
    beat = {"pid": bystander.pid, "started": 1.0, "host": "far-away", "time": time.time()}
    write_json(run.folder / "heartbeat", beat)
    with pytest.raises(Failure, match="worked on by the machine far-away and has been asked"):
        launch.force(run)
    assert run.stop_file.exists()
    assert bystander.poll() is None
    bystander.communicate(b"\n")
    assert bystander.returncode == 0


def test_that_runs_that_wait_for_each_other_are_told(tmp_path):
    one, other = queued(tmp_path), queued(tmp_path, teacher="001-baseline-nm")
    assert due(other) == [one, other]
    plan = read_json(one.folder / "experiment.json")
    write_json(one.folder / "experiment.json", plan | {"teacher": other.id})
    with pytest.raises(Failure, match="Run 002-baseline-nm waits for itself"):
        due(type(other)(other.folder))
