"""Work on runs one after another, each followed to its end on the terminal."""

from collections.abc import Sequence

from engine.cli.output import Output
from engine.execution import launch
from engine.store.files import touch
from engine.store.log import events_since
from engine.store.runs import Run, State


def work_through(runs: Sequence[Run], workers: int, as_json: bool, progress: str) -> Run:
    """Start each run once the one before it is finished; Ctrl+C stops the one that works.

    Returns the run that came last: the first that did not finish, if there is one.
    """
    for run in runs:
        _work(run, workers, Output(as_json, progress))
        if run.state() is not State.FINISHED:
            return run
    return runs[-1]


def exit_code(state: State) -> int:
    """What a script is told: 0 finished, 130 stopped, 1 anything else."""
    return {State.FINISHED: 0, State.STOPPED: 130}.get(state, 1)


def _work(run: Run, workers: int, output: Output) -> None:
    worker = launch.start(run, workers)
    with output.live():
        try:
            _follow(run, worker, output)
        except KeyboardInterrupt:
            touch(run.stop_file)
            _follow(run, worker, output)


def _follow(run: Run, worker: launch.Worker, output: Output) -> None:
    place = run.events_file.stat().st_size if run.events_file.exists() else 0
    while True:
        ended = worker.ended(0.1)
        events, place = events_since(run.events_file, place)
        for event in events:
            output.report(event)
        if ended:
            return
