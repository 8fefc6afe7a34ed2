"""The process a fold lives in: it listens for Stop, reports failures, ends with its parent."""

import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, Event, Failed, Report
from engine.runs.assignment import Assignment
from engine.store.runs import Run
from engine.system.processes import end_with_parent

SPEAK_EVERY = 0.5  # seconds between two ``BatchEnded`` of a fold


def begin(assignment: Assignment, said: Connection) -> None:
    """The process's whole life; ``said`` is the fold's own end of a pipe, to send events by.

    It shares no lock with other folds: one that is killed would never give it back.
    """
    end_with_parent()
    _give_way()
    try:
        # Not above: torch takes seconds to import, and the coordinator imports this module.
        from engine.runs.fold import work

        work(assignment, _reporter(said, Run(assignment.run).stop_file))
    except Cancelled:
        pass
    except Exception as error:
        said.send(Failed(_sentence(error, assignment), traceback.format_exc(), assignment.fold))
    said.close()


def out_of_memory(batch: int) -> str:
    """The advice for a fold that the memory did not suffice for."""
    return f"There was not enough memory for batches of {batch}: {_smaller(batch)}."


def if_memory(batch: int) -> str:
    """The same where nobody knows whether it was the memory."""
    return f"If memory was short, {_smaller(batch)}; else resume the run."


def _smaller(batch: int) -> str:
    return f"try again with --set batch={max(2, batch // 2)} or --workers 1"


def _reporter(said: Connection, stop: Path) -> Report:
    spoken = [0.0]

    def report(event: Event) -> None:
        due = time.monotonic() - spoken[0] > SPEAK_EVERY
        if due or not isinstance(event, BatchEnded):
            said.send(event)
            spoken[0] = time.monotonic()
        if stop.exists():
            raise Cancelled

    return report


def _sentence(error: Exception, assignment: Assignment) -> str:
    if isinstance(error, Failure):
        return str(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return out_of_memory(assignment.batch)
    return f"Fold {assignment.fold + 1} failed: {type(error).__name__}: {error}"


def _give_way() -> None:
    """Let the window and everything else of the user's go first."""
    lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)
    psutil.Process().nice(lower)
