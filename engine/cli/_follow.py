"""Work on runs one after another, each followed to its end on the terminal."""

import time
from collections.abc import Sequence
from pathlib import Path

from engine.cli._output import Output
from engine.domain import Failure
from engine.events import Logged
from engine.runs import launch, queue
from engine.store.event_log import events_since
from engine.store.files import touch
from engine.store.queue import hold, leave, settle
from engine.store.runs import Run, State

LOOK_EVERY = 1.0  # seconds, while others work


def work_through(runs: Sequence[Run], workers: int, as_json: bool, progress: str) -> Run:
    """Start each run once the one before it is finished; Ctrl+C stops the one that works.

    Returns the run that came last: the first that did not finish, if there is one.
    """
    for run in runs:
        if _work(run, launch.start(run, workers), Output(as_json, progress)):
            leave(run)  # else a window would go on with it
        if run.state() is not State.FINISHED:
            return run
    return runs[-1]


def work_off(runs: Path, workers: int, output: Output) -> list[Run]:
    """Work through the queue until nothing of it can start; Ctrl+C stops and holds it.

    Returns the runs that were started here.
    """
    started: list[Run] = []
    while True:
        try:
            taken = queue.take(runs, lambda run: launch.start(run, workers))
        except Failure as error:
            output.report(Logged(str(error)))
            continue
        if taken:
            started.append(taken[0])
            if _work(*taken, output):
                hold(runs)
        elif queue.busy(runs):
            time.sleep(LOOK_EVERY)
        else:
            return started


def exit_code(state: State) -> int:
    """What a script is told: 0 finished, 130 stopped, 1 anything else."""
    return {State.FINISHED: 0, State.STOPPED: 130}.get(state, 1)


def _work(run: Run, worker: launch.Worker, output: Output) -> bool:
    """Whether it was interrupted."""
    with output.live():
        try:
            _follow(run, worker, output)
        except KeyboardInterrupt:
            touch(run.stop_file)
            _follow(run, worker, output)
            return True
    settle(run)
    return False


def _follow(run: Run, worker: launch.Worker, output: Output) -> None:
    place = run.events_file.stat().st_size if run.events_file.exists() else 0
    while True:
        ended = worker.ended(0.1)
        events, place = events_since(run.events_file, place)
        for event in events:
            output.report(event)
        if ended:
            return
