import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.domain import Failure
from engine.system import processes

ROOT = Path(__file__).parents[3]
CODE = """
import time
from engine.system.processes import pool
if __name__ == "__main__":
    with pool(2) as helpers:
        helpers.submit(time.sleep, 0).result()
        print("ready", flush=True)
        helpers.submit(time.sleep, 60).result()
"""


def test_that_helpers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(CODE, encoding="utf-8")
    command = [sys.executable, str(script)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout.readline() == b"ready\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert family
        parent.kill()
    limit = time.monotonic() + 10
    while any(works(process) for process in family):
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_that_full_shared_memory_is_named(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(processes, "ProcessPoolExecutor", refuse)
    with pytest.raises(Failure, match="/dev/shm") as told, processes.pool(2):
        pass
    assert "No space left on device" in str(told.value)


def works(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
