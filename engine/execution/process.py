"""The process a fold lives in: it listens for Stop, reports failures, ends with its parent."""

import time
import traceback
from typing import Any

import psutil

from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, Event, Failed, Report
from engine.execution.assignment import Assignment
from engine.processes import end_with_parent

SPEAK_EVERY = 0.5  # seconds between two ``BatchEnded`` of a fold


def begin(assignment: Assignment, said: Any, stop: Any) -> None:
    """The process's whole life; ``said`` is a queue of events, ``stop`` a flag."""
    end_with_parent()
    _give_way()
    try:
        # Not above: torch takes seconds to import, and the coordinator imports this module.
        from engine.execution.fold import work

        work(assignment, _reporter(said, stop))
    except Cancelled:
        pass
    except Exception as error:
        said.put(Failed(_sentence(error, assignment), traceback.format_exc(), assignment.fold))
    said.close()
    said.join_thread()


def out_of_memory(batch: int) -> str:
    """The advice for a fold that the memory did not suffice for."""
    return (
        f"There was not enough memory for batches of {batch}: try again with "
        f"--set batch={max(2, batch // 2)} or --workers 1."
    )


def _reporter(said: Any, stop: Any) -> Report:
    spoken = [0.0]

    def report(event: Event) -> None:
        due = time.monotonic() - spoken[0] > SPEAK_EVERY
        if due or not isinstance(event, BatchEnded):
            said.put(event)
            spoken[0] = time.monotonic()
        if stop.is_set():
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
