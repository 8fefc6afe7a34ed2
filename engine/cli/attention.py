"""``msde attention``: where runs look in the same faces, part by part, with tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from engine.attention import sentences
from engine.attention.document import document, rows
from engine.attention.sentences import short
from engine.cli._output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder
from engine.domain import find_condition
from engine.explanation.heatmap import TARGETS, VARIANTS, HeatmapRequest, check
from engine.paper.figure6 import describe_claims
from engine.store.exports import check_file
from engine.store.figure_files import check_figure, save_figure
from engine.store.run_images import notes
from engine.store.runs import find_run
from engine.store.study import Study
from engine.store.tables import with_head, write_table

PLACE = 110  # among the commands
if TYPE_CHECKING:
    from engine.evaluation.paired_tests import PairedTest

LISTED = 5  # left-out images that are shown; --json has all


def add_to(app: typer.Typer) -> None:
    app.command("attention")(attention)


def attention(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or numbers.")],
    study: StudyFolder,
    condition: Annotated[str, typer.Option(help="Only nm or m.")] = "",
    expression: Annotated[str, typer.Option(help="Only images that show it.")] = "",
    target: Annotated[str, typer.Option(help=f"{', '.join(TARGETS)}.")] = "predicted",
    variant: Annotated[str, typer.Option(help=f"{', '.join(VARIANTS)}.")] = "gradcam",
    layer: Annotated[
        str, typer.Option(help="Such as trunk.layer3; another one can answer otherwise.")
    ] = "",
    sanity: Annotated[
        bool, typer.Option("--sanity", help="Compare with the maps of random weights, too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the shares of every image here, as CSV.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw it here: FILE.png, FILE.svg or FILE.pdf.")
    ] = None,
    dense: Annotated[
        bool, typer.Option("--dense", help="In the figure: energy over area instead of shares.")
    ] = False,
    faces: Annotated[str, typer.Option(help="In the figure: average faces of nm or m.")] = "m",
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Measure how much of each run's heatmaps lies on mask, eyes, brows and so on; test it."""
    asked = HeatmapRequest(variant, target, layer)
    check(asked)
    shown = find_condition(faces)
    for file, check_it in ((out, check_file), (figure, check_figure)):
        if file:
            check_it(file)
    output = Output(as_json, progress)
    with Study(study) as opened, output.live():
        runs = [find_run(opened.runs_folder, name) for name in dict.fromkeys(names)]
        from engine.attention import cache  # torch: after what fails at once

        of = cache.choose(opened, runs, asked, condition, expression)
        made = cache.measure_all(runs, of, output.report, sanity=sanity)
    noted = notes(runs, of.dataset)
    said = document(made.found) | {"claims": describe_claims(made.found), "notes": noted}
    if out:
        write_table(out, with_head(rows(made.found)))
    if figure:
        from engine.attention.figure import AttentionStyle
        from engine.attention.figure import figure as draw

        style = AttentionStyle(dense, shown)
        save_figure(lambda: draw(made.runs, style, sentences.describe(said)), figure)
    output.answer(said, *_lay_out(said, made.found.tests))


def _lay_out(said: dict[str, Any], tests: "tuple[PairedTest, ...]") -> list[Table | str]:
    regions = said["regions"]
    shown: list[Table | str] = [_medians(said, regions)]
    if tests:
        shown += [_differences(tests, regions), "* p < 0.05, Wilcoxon by subject, Holm-corrected."]
    shown += sentences.claims(said)
    shown += [part for run, one in said["runs"].items() for part in _caution_of_run(run, one)]
    shown += [warning] if (warning := sentences.coarse(said)) else []
    by = f"{said['exact']} with exact regions, {said['images'] - said['exact']} by landmarks"
    shown.append(f"{said['images']} images ({by}); {len(said['skipped'])} left out.")
    shown += said["notes"]
    shown += [
        f"{run}: {one['empty']} maps are zero everywhere and left out."
        for run, one in said["runs"].items()
        if one["empty"]
    ]
    return shown + [f"  {one['file']}: {one['reason']}" for one in said["skipped"][:LISTED]]


def _medians(said: dict[str, Any], regions: list[str]) -> Table:
    lines = []
    for condition, area in said["area"].items():
        for run, one in said["runs"].items():
            lines.append((short(run), condition, *_percents(one["shares"][condition], regions)))
        lines.append(("area", condition, *_percents(area, regions)))
    head = f"Share of map energy in %, median over images ({said['variant']}, {said['target']})"
    return table(head, ("run", "", *regions), lines)


def _percents(values: dict[str, float], regions: list[str]) -> list[str]:
    return [f"{100 * values[name]:.1f}" if name in values else "–" for name in regions]


def _differences(tests: "tuple[PairedTest, ...]", regions: list[str]) -> Table:
    """A row a pair of runs and condition; points of first minus second."""
    lines: dict[str, dict[str, str]] = {}
    for test in tests:
        pair = f"{short(test.first)}−{short(test.second)} {test.condition.short}"
        line = lines.setdefault(pair, {})
        line[test.of[0].title] = f"{100 * test.median:+.1f}{'*' if test.sure else ''}"
    cells = [(pair, *(line.get(name, "–") for name in regions)) for pair, line in lines.items()]
    head = "Difference in points, first minus second, median over subjects"
    made = table(head, ("runs", *regions), cells)
    made.collapse_padding = True  # nine columns, with their stars, fit into 80 characters
    for column in made.columns:
        column.no_wrap = True
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def _caution_of_run(run: str, one: dict[str, Any]) -> list[str]:
    """What is to be known of one run's maps."""
    check = sentences.sanity(run, one["sanity"])
    return [f"{run}: maps of {sentences.maps(one)}.", *([check] if check else [])]
