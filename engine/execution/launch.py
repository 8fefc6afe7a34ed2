"""Start and stop the worker of a run, from the window, a terminal or a cluster alike."""

import subprocess
import sys

import psutil

from engine.domain import Failure
from engine.store.runs import Run


def start(run: Run, workers: int = 0) -> "subprocess.Popen[bytes]":
    """Start a worker that stops when its standard input closes, unless it was told ``detach``.

    ``workers`` is the number of folds side by side; 0 lets the worker decide. Raises ``Failure``
    if the run cannot be started now.
    """
    state = run.state()
    if not state.resumable:
        raise Failure(f"Run {run.id} is {state}: only a run that waits or was cut short can start.")
    run.stop_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "engine", "work", str(run.folder), "--attached"]
    with (run.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [*command, "--workers", str(workers)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # Ctrl+C in a terminal reaches the starter alone, which then asks the worker to stop.
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    run.beat(worker.pid)
    return worker


def detach(worker: "subprocess.Popen[bytes]") -> None:
    """Let the worker outlive this process."""
    if worker.stdin and worker.poll() is None:
        worker.stdin.write(b"detach\n")
        worker.stdin.flush()
        worker.stdin.close()


def stop(run: Run) -> None:
    """Ask the worker to stop after its current batch; what it has done is kept."""
    if run.worker() is None:
        raise Failure(f"Run {run.id} is {run.state()}: there is nothing to stop.")
    run.stop_file.touch()


def force(run: Run) -> None:
    """End the worker at once; Resume goes on from the last checkpoint."""
    pid = run.worker()
    if pid is not None:
        run.stop_file.touch()
        worker = psutil.Process(pid)
        for process in (*worker.children(recursive=True), worker):
            process.kill()
