"""``msde reproduce``: the runs behind a table of the paper, and our numbers beside its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from engine.cli.documents import run_scores
from engine.cli.output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder, Workers, number, pairs
from engine.cli.working import exit_code, work_through
from engine.published import TABLES
from engine.store.runs import State
from engine.store.study import Study

if TYPE_CHECKING:
    from engine.reproduction import Cell, Line


def add_to(app: typer.Typer) -> None:
    app.command("reproduce")(reproduce)


def reproduce(
    name: Annotated[str, typer.Argument(metavar="TABLE", help=f"{', '.join(TABLES)} or all.")],
    study: StudyFolder,
    preset: Annotated[str, typer.Option(help="One for all rows.")] = "paper",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    folds: Annotated[int, typer.Option(help="0: as the preset has it.", min=0)] = 0,
    dataset: Annotated[str, typer.Option(help="One import alone; empty: all.")] = "",
    weights: Annotated[str, typer.Option(help="What every network starts from.")] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="key=value of the training; repeatable.")
    ] = None,
    workers: Workers = "auto",
    queue: Annotated[
        bool, typer.Option("--queue", help="Only make the runs; start later.")
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """Make a table of the paper again: finished runs are used, missing ones are trained."""
    from engine.reproduction import Wanted, document, lay_out, todo

    wanted = Wanted(preset, seed, folds, dataset, weights, pairs(changes or []))
    with Study(study) as opened:
        lines = lay_out(opened, name, wanted)
        title = opened.folder.name
    runs, state = todo(lines), State.FINISHED
    if runs and not queue:
        state = work_through(runs, number(workers), as_json, progress).state()
    said = {"study": title, "preset": preset, "todo": [run.id for run in todo(lines)]}
    shown = [part for key in lines for part in _shown(key, lines[key], title, preset)]
    if queue and runs:
        shown = [f"{len(runs)} queued: {', '.join(run.id for run in runs)}."]
    Output(as_json).answer({**said, "tables": document(lines, run_scores)}, *shown)
    return exit_code(state)


def _shown(name: str, lines: "list[Line]", study: str, preset: str) -> list[Table | str]:
    from engine.reproduction import cells, gains

    made = TABLES[name]
    head = f"{made.title}\nours on “{study}”, preset {preset}; paper: MSD-E, 10 folds"
    rows = [
        (line.row.label, *_texts(cells(line, made.columns, run_scores)), line.run.id)
        for line in lines
    ]
    columns = [f"{column} {whose}" for column in made.columns for whose in ("paper", "ours")]
    marks = [
        f"{label} over {lines[0].row.label}, {column}: paper {theirs:+.1f}, ours {ours:+.1f}"
        f" ({'same' if (theirs > 0) == (ours > 0) else 'OTHER'} direction)"
        for label, column, theirs, ours in gains(name, lines, run_scores)
    ]
    shown = marks if len(made.columns) <= len(("nm", "m", "average")) else []
    return [table(head, ("", *columns, "run"), rows), *shown, *(f"* {n}" for n in made.notes)]


def _texts(row: "Mapping[str, Cell]") -> list[str]:
    """Paper and ours of each cell, ours with its interval."""
    texts = []
    for cell in row.values():
        texts.append("–" if cell.paper is None else f"{cell.paper:.1f}")
        ends = f" ({cell.interval[0]:.0f}–{cell.interval[1]:.0f})" if cell.interval else ""
        texts.append("–" if cell.ours is None else f"{cell.ours:.1f}{ends}")
    return texts
