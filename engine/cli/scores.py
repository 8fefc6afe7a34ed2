"""``msde scores``: accuracy, F1, recall and intervals of runs, and their predictions."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli._output import Json, Output, table
from engine.cli._run_reports import find_scored, parts_done, score_table, write_predictions
from engine.cli._terminal import say
from engine.domain import Dataset, Expression, Failure
from engine.evaluation.run_scores import ScoredRun
from engine.evaluation.scores import plain
from engine.store.run_images import match_images
from engine.store.runs import Run, find_run
from engine.store.study import Study

PLACE = 70  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("scores")(scores)


def scores(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or numbers.")],
    study: Annotated[Path, typer.Option("--study", help="The study's folder.")],
    predictions: Annotated[
        Path | None, typer.Option(help="Write one run's out-of-fold predictions here, as CSV.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Accuracy non-masked / masked / average, F1, recall per expression, intervals."""
    with Study(study) as opened:
        runs = [find_run(opened.runs_folder, name) for name in names]
        dataset = opened.dataset()
    if predictions:
        _export(runs, dataset, predictions)
    scored = [find_scored(run) for run in runs]
    document = {
        run.id: _facts(run, dataset) | plain(one.scores)
        for run, one in zip(runs, scored, strict=True)
    }
    notes = [facts["note"] for facts in document.values() if facts["note"]]
    told = (*parts_done(runs), *notes)
    Output(as_json).answer({"runs": document}, score_table(scored), _recall_table(scored), *told)
    presets = {run.experiment.preset for run in runs}
    if len(presets) > 1:
        say("Runs of different presets are not comparable.\n", sys.stderr)


def _export(runs: list[Run], dataset: Dataset, file: Path) -> None:
    if len(runs) != 1:
        raise Failure("--predictions writes one run: name just that one.")
    write_predictions(runs[0], dataset, file)


def _facts(run: Run, dataset: Dataset) -> dict[str, Any]:
    """How far the run is, and what the study lacks of its images."""
    folds = {"done": [number + 1 for number in run.finished_folds()], "of": run.experiment.folds}
    known = {"preset": run.experiment.preset, "state": run.state(), "folds": folds}
    return known | {"note": match_images(run, dataset).note}


def _recall_table(runs: list[ScoredRun]) -> Table:
    rows = []
    for run in runs:
        for condition in (name for name in run.scores if name != "average"):
            recall = run.scores[condition].recall
            cells = [
                f"{100 * recall[e.title]:.0f}" if e.title in recall else "–" for e in Expression
            ]
            rows.append((f"{run.run} {condition}", *cells))
    return table("Recall in %", ("run", *(e.title for e in Expression)), rows)
