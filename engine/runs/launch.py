"""Start and stop the worker of a run, from the window, a terminal or a cluster alike."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from engine.domain import Failure
from engine.runs.teachers import check_teacher
from engine.store.files import appending, remove, touch
from engine.store.queue import leave, turn
from engine.store.runs import Run
from engine.system import environment

log = logging.getLogger(__name__)

# Ctrl+C in a terminal reaches the starter alone, which then asks the worker to stop.
_APART: dict[str, Any] = {
    "start_new_session": sys.platform != "win32",
    "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
}


class Worker:
    """A worker that this process started. It stops when its pipe closes, unless detached."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self, patience: float = 0.0) -> bool:
        """Whether it has ended, waiting up to ``patience`` seconds for it."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        self.leave()
        return True

    def leave(self) -> None:
        """Close the pipe."""
        if self._process.stdin:
            self._process.stdin.close()

    def detach(self) -> None:
        """Let the worker outlive this process."""
        if self._process.stdin and self._process.poll() is None:
            self._process.stdin.write(b"detach\n")
        self.leave()


def start(run: Run, workers: int = 0) -> Worker:
    """Start a worker.

    ``workers`` is the number of folds side by side; 0 lets the worker decide. Raises ``Failure``
    if the run cannot be started now, such as while its teacher is not finished.
    """
    with turn(run.folder):
        state = run.state()
        if not state.resumable:
            raise Failure(
                f"Run {run.id} is {state}: only a run that waits or was cut short can start."
            )
        check_teacher(run)
        remove(run.stop_file)
        process = _start(run, workers)
        run.beat(process.pid)
    log.info("Run %s: worker %d started", run.id, process.pid)
    return Worker(process)


def start_queue(study: Path) -> None:
    """Start a process that works through the study's queue and outlives this one."""
    subprocess.Popen(
        environment.command("queue", "--study", str(study), "--start", "--progress", "none"),
        cwd=environment.ROOT,
        env=environment.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # what happens is told by the runs
        stderr=subprocess.DEVNULL,
        **_APART,
    )


def _start(run: Run, workers: int) -> "subprocess.Popen[bytes]":
    words = ("work", str(run.folder), "--attached", "--workers", str(workers))
    with appending(run.worker_log) as log:
        return subprocess.Popen(
            environment.command(*words),
            cwd=environment.ROOT,
            env=environment.environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            **_APART,
        )


def stop(run: Run) -> None:
    """Ask the worker to stop after its current batch, or take a run that waits off the queue.

    What it has done is kept. Raises ``Failure`` if it neither works nor waits.
    """
    if leave(run) and run.worker() is None:
        return
    if run.worker() is None:
        raise Failure(f"Run {run.id} is {run.state()}: there is nothing to stop.")
    touch(run.stop_file)
    log.info("Run %s: asked to stop", run.id)


def force(run: Run) -> None:
    """End the worker at once; Resume goes on from the last checkpoint.

    Raises ``Failure`` for a worker on another machine, which is asked to stop, or another user's.
    """
    leave(run)
    pid = run.worker()
    if pid is None:
        return
    touch(run.stop_file)
    if run.elsewhere:
        raise Failure(
            f"Run {run.id} is worked on by the machine {run.elsewhere} and has been asked to stop: "
            "its process can only be ended there."
        )
    try:
        log.info("Run %s: worker %d is ended by force", run.id, pid)
        worker = psutil.Process(pid)
        for process in (*worker.children(recursive=True), worker):
            process.kill()
    except psutil.NoSuchProcess:
        return  # it has just ended
    except psutil.AccessDenied as error:
        raise Failure(f"Run {run.id} is another user's and has been asked to stop.") from error
