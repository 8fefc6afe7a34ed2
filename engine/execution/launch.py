"""Start the worker of a run, from the window, a terminal or a cluster alike."""

import subprocess
import sys

from engine.domain import Failure
from engine.store.runs import Run


def start(run: Run, workers: int = 0) -> "subprocess.Popen[bytes]":
    """Start a worker that ends when its standard input closes, unless it was told ``detach``.

    ``workers`` is the number of folds side by side; 0 lets the worker decide. Raises ``Failure``
    if the run cannot be started now.
    """
    state = run.state()
    if not state.resumable:
        raise Failure(f"Run {run.id} is {state}: only a run that waits or was cut short can start.")
    run.stop_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "engine", "work", str(run.folder), "--workers", str(workers)]
    # Its own group: Ctrl+C in a terminal reaches the starter alone, which then asks it to stop.
    with (run.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )


def detach(worker: "subprocess.Popen[bytes]") -> None:
    """Let the worker outlive this process."""
    if worker.stdin and worker.poll() is None:
        worker.stdin.write(b"detach\n")
        worker.stdin.flush()
        worker.stdin.close()


def stop(run: Run) -> None:
    """Ask the worker to stop after its current batch; what it has done is kept."""
    if not run.state().alive:
        raise Failure(f"Run {run.id} is {run.state()}: there is nothing to stop.")
    run.stop_file.touch()
