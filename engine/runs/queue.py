"""Take the runs of a study's queue one after another, whichever process it is that does so."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.domain import Failure
from engine.events import Failed
from engine.runs.teachers import due, find_awaited
from engine.store import queue
from engine.store.runs import Run, State, fail, runs_in

log = logging.getLogger(__name__)

Started = TypeVar("Started")


def enqueue(run: Run) -> None:
    """To be worked on as soon as no other run is, its teacher first.

    The queue goes on if it was held. Raises ``Failure`` if the teacher has been discarded.
    """
    queue.release(run.folder.parent)
    for one in due(run):
        if not one.state().alive:
            queue.join(one)


def take(runs: Path, start: Callable[[Run], Started]) -> tuple[Run, Started] | None:
    """Start the first that can; nothing while the queue is held or any run of the study works.

    A run that cannot be started fails and leaves the queue, which goes on without it: its error
    is raised.
    """
    if _ready(runs) is None:
        return None
    with queue.turn(runs):
        run = _ready(runs)
        if run is None:
            return None
        try:
            return run, start(run)
        except (Failure, OSError) as error:
            log.info("Run %s could not be started: %s", run.id, error)
            queue.leave(run)
            if run.worker() is None:  # else somebody else was quicker
                fail(run, Failed(str(error)))
            raise


def busy(runs: Path) -> bool:
    """Whether the queue waits for a run that works."""
    return not queue.is_held(runs) and bool(queue.list_queued(runs)) and _works(runs)


def _works(runs: Path) -> bool:
    return any(run.worker() is not None for run in runs_in(runs))


def _ready(runs: Path) -> Run | None:
    if queue.is_held(runs):
        return None
    found = next((run for run in queue.list_queued(runs) if _can_start(run)), None)
    return None if found is None or _works(runs) else found


def _can_start(run: Run) -> bool:
    """What is finished or damaged has no business in the queue."""
    try:
        state = run.state()
        if state is State.FINISHED:
            queue.leave(run)
        return state.resumable and find_awaited(run) is None
    except Failure:
        return False
