"""``msde queue``: the runs that wait to be worked on, and a way to work through them."""

from typing import Annotated

import typer

from engine.cli._follow import work_off
from engine.cli._options import Workers, number
from engine.cli._output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder
from engine.runs import launch
from engine.runs.queue import enqueue
from engine.runs.teachers import find_awaited
from engine.store import queue
from engine.store.runs import Run, State, find_run
from engine.store.study import Study

PLACE = 50  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("queue")(line_up)


def line_up(
    study: StudyFolder,
    add: Annotated[list[str] | None, typer.Option(help="Put a run at its end.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Take a run off it.")] = None,
    start: Annotated[
        bool, typer.Option("--start", help="Work through it here, one run after another.")
    ] = False,
    workers: Workers = "auto",
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """List the queue of the study, the same as in its window, or work through it."""
    side_by_side = number(workers)
    with Study(study) as opened:
        runs = opened.runs_folder
        if start:
            opened.dataset()  # a study from elsewhere asks for trust before any run begins
    for name in add or ():
        enqueue(find_run(runs, name))
    for name in remove or ():
        launch.stop(find_run(runs, name))
    output, started = Output(as_json, progress), list[Run]()
    if start:
        queue.release(runs)
        started = work_off(runs, side_by_side, output)
    rows = [_describe_run(run) for run in queue.list_queued(runs)]
    document = {"queue": rows, "held": queue.is_held(runs), "worked_on": [r.id for r in started]}
    shown = table("", ("run", "state", "waits_for"), [tuple(row.values()) for row in rows])
    output.answer(document, *[f"{run.id} is {run.state()}." for run in started], shown)
    states = {run.state() for run in started}
    return 130 if start and queue.is_held(runs) else int(State.FAILED in states)


def _describe_run(run: Run) -> dict[str, str]:
    teacher = find_awaited(run)
    return {"run": run.id, "state": run.state(), "waits_for": teacher.id if teacher else ""}
