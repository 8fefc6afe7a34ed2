"""``msde reproduce``: the runs behind a table of the paper, and our numbers beside its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from engine.cli._follow import exit_code, work_through
from engine.cli._options import Folds, Seed, Workers, number, pairs
from engine.cli._output import Json, Output, Shown, table
from engine.cli._terminal import visible
from engine.cli.runs import StudyFolder
from engine.data import sample_study
from engine.data.formats.base import plural
from engine.paper.tables import TABLES
from engine.store.runs import Run, State
from engine.store.study import Study

PLACE = 60  # among the commands
if TYPE_CHECKING:
    from engine.paper.evidence import Evidence
    from engine.paper.plan import Step
    from engine.paper.reproduction import Gain, TableCell, TableLine
    from engine.paper.tables import PaperTable as Published


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
    any_version: Annotated[
        bool,
        typer.Option("--any-version", help="Use runs of a program that teaches otherwise, too."),
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """Make a table of the paper again: finished runs are used, missing ones are trained."""
    from engine.paper.evidence import Evidence
    from engine.paper.plan import outlook
    from engine.paper.reproduction import ReproductionRequest, document, lay_out, todo

    side_by_side = number(workers)
    request = ReproductionRequest(
        preset=preset,
        seed=seed,
        folds=folds,
        dataset=dataset,
        weights=weights,
        changes=pairs(changes or []),
        any_version=any_version,
    )
    with Study(study) as opened:
        cautions = _cautions(opened)
        if plan:
            return _foretell(outlook(opened, name, request), preset, cautions, as_json)
        lines = lay_out(opened, name, request)
        title, evidence = opened.folder.name, Evidence(opened.dataset())
    cautions += _foreign(lines)
    runs, state = todo(lines), State.FINISHED
    if runs and not queue:
        state = work_through(runs, side_by_side, as_json, progress).state()
    left = todo(lines)
    said = {"study": title, "preset": preset, "todo": [run.id for run in left], "notes": cautions}
    head = f"ours on “{visible(title)}”, preset {preset}; paper: MSD-E, 10 folds"
    shown = [p for key in lines for p in _lay_out(TABLES[key], lines[key], head, evidence)]
    shown += cautions
    if queue and runs:
        shown = [f"{len(runs)} queued: {', '.join(run.id for run in runs)}."]
    elif left:
        shown.append(_explain_gaps(left))
    Output(as_json).answer({**said, "tables": document(lines, evidence)}, *shown)
    return exit_code(state)


def _explain_gaps(runs: list[Run]) -> str:
    """Why the table is not whole, and how it becomes so."""
    first = f"Run {runs[0].id} is {runs[0].state()}. {runs[0].failure()}".strip()
    return f"{first} {plural(len(runs), 'run')} to go: the same command goes on there."


def _cautions(study: Study) -> list[str]:
    """What is to be known of the study before its numbers are laid beside the paper's."""
    return [sample_study.CAUTION] if sample_study.is_rendered(study.dataset()) else []


def _foreign(lines: "Mapping[str, list[TableLine]]") -> list[str]:
    """A sentence on the runs that another program made."""
    from engine.runs.planning import versions
    from engine.runs.reuse import PROGRAM

    here = versions()
    runs = {line.run.id: line.run.experiment for table in lines.values() for line in table}
    told = []
    for name, usual in PROGRAM.items():
        other = [run for run, one in runs.items() if one.versions.get(name, usual) != here[name]]
        if other:
            told.append(f"Made by another {name} than {here[name]}: {', '.join(other)}.")
    return told


def _foretell(steps: "list[Step]", preset: str, cautions: list[str], as_json: bool) -> int:
    """Answer what would be done, and how long it may take."""
    from engine.paper.plan import document, summary

    found, told = document(steps), summary(steps)
    rows = [(one["name"], one["label"], one["what"], one["time"]) for one in found]
    shown = table(f"preset {preset}", ("run", "for", "what", "time"), rows)
    said = {"preset": preset, "plan": found, "told": told, "notes": cautions}
    why = [f"{one['name']}: {one['why']}" for one in found if one["why"] and not one["run"]]
    Output(as_json).answer(said, shown, *why, told, *cautions)
    return 0


def _lay_out(
    made: "Published", lines: "list[TableLine]", head: str, evidence: "Evidence"
) -> list[Table | str]:
    from engine.paper.reproduction import cells, gains

    rows = [
        (line.row.label, *_texts(cells(made, line, evidence)), _number(line.run)) for line in lines
    ]
    columns = [f"{column}\n{whose}" for column in made.columns for whose in ("paper", "ours")]
    few = len(made.columns) <= len(("nm", "m", "average"))
    marks = [_describe_gain(one, lines[0]) for one in gains(made, lines, evidence)] if few else []
    shown = table(f"{made.title}\n{head}", ("", *columns, "run"), rows)
    return [shown, *marks, *(f"* {n}" for n in made.notes)]


def _describe_gain(one: "Gain", first: "TableLine") -> str:
    """One gain in words."""
    ends = f" ({one.interval[0]:+.1f} to {one.interval[1]:+.1f})" if one.interval else ""
    return (
        f"{one.label} over {first.row.label}, {one.column}: paper {one.paper:+.1f}, "
        f"ours {one.ours:+.1f}{ends}: {one.verdict}"
    )


def _number(run: Run) -> str:
    return run.id.partition("-")[0]


def _texts(row: "Mapping[str, TableCell]") -> list[str]:
    """Paper and ours of each cell, ours with its interval."""
    texts = []
    for cell in row.values():
        texts.append("–" if cell.paper is None else f"{cell.paper:.1f}")
        ends = f" ({cell.interval[0]:.0f}–{cell.interval[1]:.0f})" if cell.interval else ""
        texts.append("–" if cell.ours is None else f"{cell.ours:.1f}{ends}")
    return texts
