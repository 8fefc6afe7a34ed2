"""``msde explain``: heatmaps of a run's samples as numbers, pictures and a table."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli._options import bound
from engine.cli._output import Json, Output, Shown, table
from engine.cli.runs import RunName, StudyFolder
from engine.explanation.heatmap import TARGETS, TITLES, VARIANTS, HeatmapRequest, check
from engine.explanation.selection import SampleChoice, select
from engine.store.exports import check_folder
from engine.store.runs import find_run
from engine.store.study import Study

PLACE = 100  # among the commands
LISTED = 20  # heatmaps on the terminal
MOST = 2**63 - 1  # of what a database counts


def add_to(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    name: RunName,
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="A folder for heatmaps.npz, .csv and pictures.")],
    samples: Annotated[
        list[int] | None,
        bound(0, MOST, "--sample", help="A sample's id; repeatable."),
    ] = None,
    expression: Annotated[str, typer.Option(help="Only samples that show it.")] = "",
    condition: Annotated[str, typer.Option(help="Only nm or m.")] = "",
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only samples the run got wrong, surest first.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every sample that was tested.")
    ] = False,
    limit: Annotated[int, bound(0, MOST, help="At most so many; 0: all chosen.")] = 0,
    variant: Annotated[str, typer.Option(help=f"{', '.join(VARIANTS)}.")] = "gradcam",
    target: Annotated[str, typer.Option(help=f"{', '.join(TARGETS)}.")] = "predicted",
    layer: Annotated[str, typer.Option(help="Such as trunk.layer3; empty: the network's.")] = "",
    randomised: Annotated[
        bool, typer.Option("--randomised", help="Random weights: shows what weights add.")
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Show where each face speaks for an expression, by the network that never saw its subject."""
    asked = HeatmapRequest(variant, target, layer, randomised)
    check(asked)
    with Study(study) as opened:
        run = find_run(opened.runs_folder, name)
    choice = SampleChoice(tuple(samples or ()), expression, condition, wrong, everything, limit)
    chosen = select(run, choice)
    check_folder(out)
    from engine.explanation.export import export  # torch: after all that may fail at once

    output = Output(as_json, progress)
    with output.live():
        document = export(run, chosen, asked, out, output.report)
    output.answer(document, *_lay_out(document, asked))


def _lay_out(document: dict[str, Any], asked: HeatmapRequest) -> list[Table | str]:
    columns = ("sample", "expression", "condition", "target", "predicted", "probability", "maximum")
    rows = [[_cell(facts[column]) for column in columns] for facts in document["images"]]
    title = f"{TITLES[asked.variant]} of {document['run']}, {document['layer']}"
    skipped = [(one["sample"], one["reason"]) for one in document["skipped"]]
    return [
        table(title, columns, rows[:LISTED]),
        f"{len(rows):,} heatmaps are in {document['out']}: numbers, pictures and a table.",
        *([table("Left out", ("sample", "reason"), skipped)] if skipped else []),
        *([document["note"]] if document["note"] else []),
    ]


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
