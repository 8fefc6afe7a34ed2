"""``msde explain``: heatmaps of a run's samples as numbers, pictures and a table."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli._options import bound
from engine.cli._output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder
from engine.explanation.heatmap import TARGETS, TITLES, VARIANTS, HeatmapRequest, check
from engine.explanation.overlay import COLOURS, OverlayStyle
from engine.explanation.selection import SampleChoice, select
from engine.store.exports import check_folder
from engine.store.figure_files import check_figure, check_kind
from engine.store.runs import find_run
from engine.store.study import Study

PLACE = 100  # among the commands
LISTED = 20  # heatmaps on the terminal
MOST = 2**63 - 1  # of what a database counts


def add_to(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or numbers.")],
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
    figures: Annotated[
        list[Path] | None,
        typer.Option("--figure", help="Draw faces and runs as one sheet: FILE.png, .svg or .pdf."),
    ] = None,
    colours: Annotated[str, typer.Option(help=f"{', '.join(COLOURS)}.")] = "inferno",
    opacity: Annotated[float, bound(0, 1, help="Of heatmaps over faces, 0 to 1.")] = 0.55,
    scale: Annotated[str, typer.Option(help="One for all, for each run or each image.")] = "all",
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Show where each face speaks for an expression, by the network that never saw its subject."""
    asked = HeatmapRequest(variant, target, layer, randomised)
    check(asked)
    style = OverlayStyle(colours, opacity, scale)
    for file in figures or ():
        (check_kind if file.parent == out else check_figure)(file)  # that folder is made later
    with Study(study) as opened:
        runs = [find_run(opened.runs_folder, name) for name in dict.fromkeys(names)]
    choice = SampleChoice(tuple(samples or ()), expression, condition, wrong, everything, limit)
    chosen = select(runs[0], choice)
    check_folder(out)
    from engine.explanation.export import (  # torch: after all that may fail at once
        HeatmapFiles,
        export,
    )

    output = Output(as_json, progress)
    with output.live():
        to = HeatmapFiles(out, style, tuple(figures or ()))
        document = export(runs, chosen, asked, to, output.report)
    told = document["runs"] if len(runs) > 1 else [document]
    shown = [part for one in told for part in _lay_out(one, asked)]
    output.answer(document, *shown, f"All is in {out}: numbers, pictures and a table.")


def _lay_out(document: dict[str, Any], asked: HeatmapRequest) -> list[Table | str]:
    columns = ("sample", "expression", "condition", "target", "predicted", "probability", "maximum")
    rows = [[_cell(facts[column]) for column in columns] for facts in document["images"]]
    title = f"{TITLES[asked.variant]} of {document['run']}, {document['layer']}"
    skipped = [(one["sample"], one["reason"]) for one in document["skipped"]]
    return [
        table(title, columns, rows[:LISTED]),
        "1 heatmap." if len(rows) == 1 else f"{len(rows):,} heatmaps.",
        *([table("Left out", ("sample", "reason"), skipped)] if skipped else []),
        *([document["note"]] if document["note"] else []),
    ]


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
