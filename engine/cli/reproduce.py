"""``msde reproduce``: the runs behind a table of the paper, and our numbers beside its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from engine.cli.documents import run_scores
from engine.cli.options import Folds, Seed, Workers, number, pairs
from engine.cli.output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder
from engine.cli.terminal import visible
from engine.cli.working import exit_code, work_through
from engine.formats.base import plural
from engine.published import TABLES
from engine.store.runs import Run, State
from engine.store.study import Study

if TYPE_CHECKING:
    from engine.outlook import Step
    from engine.reproduction import Cell, Line


def add_to(app: typer.Typer) -> None:
    app.command("reproduce")(reproduce)


def reproduce(
    name: Annotated[str, typer.Argument(metavar="TABLE", help=f"{', '.join(TABLES)} or all.")],
    study: StudyFolder,
    preset: Annotated[str, typer.Option(help="One that all rows have: paper or quick.")] = "paper",
    seed: Seed = 0,
    folds: Folds = 0,
    dataset: Annotated[str, typer.Option(help="One import alone; empty: all.")] = "",
    weights: Annotated[str, typer.Option(help="What every network starts from.")] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="key=value of the training; repeatable.")
    ] = None,
    workers: Workers = "auto",
    queue: Annotated[
        bool, typer.Option("--queue", help="Only make the runs; start later.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only list the runs, those used again, and the time.")
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """Make a table of the paper again: finished runs are used, missing ones are trained."""
    from engine.outlook import outlook
    from engine.reproduction import Wanted, document, lay_out, todo

    side_by_side = number(workers)
    wanted = Wanted(preset, seed, folds, dataset, weights, pairs(changes or []))
    with Study(study) as opened:
        if plan:
            return _foretell(outlook(opened, name, wanted), preset, as_json)
        lines = lay_out(opened, name, wanted)
        title = opened.folder.name
    runs, state = todo(lines), State.FINISHED
    if runs and not queue:
        state = work_through(runs, side_by_side, as_json, progress).state()
    left = todo(lines)
    said = {"study": title, "preset": preset, "todo": [run.id for run in left]}
    shown = [part for key in lines for part in _shown(key, lines[key], title, preset)]
    if queue and runs:
        shown = [f"{len(runs)} queued: {', '.join(run.id for run in runs)}."]
    elif left:
        shown.append(_left(left))
    Output(as_json).answer({**said, "tables": document(lines, run_scores)}, *shown)
    return exit_code(state)


def _left(runs: list[Run]) -> str:
    """Why the table is not whole, and how it becomes so."""
    first = f"Run {runs[0].id} is {runs[0].state()}. {runs[0].failure()}".strip()
    return f"{first} {plural(len(runs), 'run')} to go: the same command goes on there."


def _foretell(steps: "list[Step]", preset: str, as_json: bool) -> int:
    """Answer what would be done, and how long it may take."""
    from engine.outlook import document, summary

    found, told = document(steps), summary(steps)
    rows = [(one["name"], one["label"], one["what"], one["time"]) for one in found]
    shown = table(f"preset {preset}", ("run", "for", "what", "time"), rows)
    Output(as_json).answer({"preset": preset, "plan": found, "told": told}, shown, told)
    return 0


def _shown(name: str, lines: "list[Line]", study: str, preset: str) -> list[Table | str]:
    from engine.reproduction import cells, gains

    made = TABLES[name]
    head = f"{made.title}\nours on “{visible(study)}”, preset {preset}; paper: MSD-E, 10 folds"
    rows = [
        (line.row.label, *_texts(cells(line, made.columns, run_scores)), _number(line.run))
        for line in lines
    ]
    columns = [f"{column}\n{whose}" for column in made.columns for whose in ("paper", "ours")]
    marks = [
        f"{label} over {lines[0].row.label}, {column}: paper {theirs:+.1f}, ours {ours:+.1f}"
        f" ({_direction(theirs, ours)})"
        for label, column, theirs, ours in gains(name, lines, run_scores)
    ]
    shown = marks if len(made.columns) <= len(("nm", "m", "average")) else []
    return [table(head, ("", *columns, "run"), rows), *shown, *(f"* {n}" for n in made.notes)]


def _direction(theirs: float, ours: float) -> str:
    """Whether two gains in points go the same way; one that is shown as 0.0 goes none."""
    if round(ours, 1) == 0:
        return "no difference"
    return "same direction" if (theirs > 0) == (ours > 0) else "OTHER direction"


def _number(run: Run) -> str:
    return run.id.partition("-")[0]


def _texts(row: "Mapping[str, Cell]") -> list[str]:
    """Paper and ours of each cell, ours with its interval."""
    texts = []
    for cell in row.values():
        texts.append("–" if cell.paper is None else f"{cell.paper:.1f}")
        ends = f" ({cell.interval[0]:.0f}–{cell.interval[1]:.0f})" if cell.interval else ""
        texts.append("–" if cell.ours is None else f"{cell.ours:.1f}{ends}")
    return texts
