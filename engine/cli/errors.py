"""``msde errors``: where runs go wrong, what they share, and what changes from one to another."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli._options import bound
from engine.cli._output import Json, Output, table
from engine.cli.runs import StudyFolder
from engine.domain import MOST_FOLDS, Condition, Dataset, Expression, Failure
from engine.evaluation import error_analysis as found_in
from engine.evaluation.error_analysis import Confusion, Hardship, Ids, RunDifference, Together
from engine.experiment.predictions import Predictions
from engine.store import run_images
from engine.store.runs import Run, find_run
from engine.store.study import Study
from engine.store.tables import write_table

PLACE = 80  # among the commands
MOST = 8  # confusions shown to people
HEAD = ("run", "sample", "file", "subject", "condition", "expression", "fold", "predicted")
Judged = dict[str, Predictions]


def add_to(app: typer.Typer) -> None:
    app.command("errors")(errors)


def errors(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or numbers.")],
    study: StudyFolder,
    fold: Annotated[int, bound(0, MOST_FOLDS, help="One fold alone; 0: all.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write every mistake here, as CSV.")] = None,
    as_json: Json = False,
) -> None:
    """Confusions, hard subjects, what only the mask hides, and how runs differ."""
    with Study(study) as opened:
        runs = dict.fromkeys(find_run(opened.runs_folder, name) for name in names)
        dataset = opened.dataset()
    known = {run: run_images.require_judged(run, dataset) for run in runs}
    judged = {run.id: _of_fold(run, one.predictions, fold) for run, one in known.items()}
    if out:
        _write(judged, dataset, out)
    both = found_in.compare_answers(list(judged.values()))
    document = {
        "fold": fold or None,
        "common": len(both.samples),
        "wrong_by_all": both.by_all().tolist(),
        "notes": [one.note for one in known.values() if one.note],
        "runs": {run: _of_run(part, dataset) for run, part in judged.items()},
    }
    for place, run in enumerate(judged):
        document["runs"][run] |= _alone(both, place)
    if len(judged) == len(("before", "after")):
        document["difference"] = _difference(judged)
    Output(as_json).answer(document, *_lay_out(document))


def _of_fold(run: Run, predictions: Predictions, fold: int) -> Predictions:
    if not fold:
        return predictions
    done = [number + 1 for number in run.finished_folds()]
    if fold not in done:
        listed = ", ".join(map(str, done))
        raise Failure(f"Run {run.id} has no finished fold {fold}: choose one of {listed}.")
    return predictions.where(predictions.folds == fold - 1)


def _of_run(part: Predictions, dataset: Dataset) -> dict[str, Any]:
    rows = [dataset.row_of[int(number)] for number in part.samples]
    flips = found_in.flips(part, dataset.ids[dataset.pairs()])
    return {
        "n": len(part),
        "wrong": int(found_in.wrong(part).sum()),
        "mistakes": {e.title: _ids(part, found_in.mistakes(part, e)) for e in Expression},
        "confusions": [_confusion(one) for one in found_in.confusions(part)],
        "subjects": [_subject(one) for one in found_in.hardships(part, dataset.subjects[rows])],
        "pairs": sum(len(one) for one in vars(flips).values()),
        "masked_only": flips.masked_only[:, Condition.MASKED].tolist(),
        "unmasked_only": flips.bare_only[:, Condition.NON_MASKED].tolist(),
    }


def _confusion(one: Confusion) -> dict[str, Any]:
    return {
        "condition": one.condition.short,
        "truth": one.truth.title,
        "predicted": one.predicted.title,
        "n": len(one.ids),
        "share": one.share,
        "samples": list(one.ids),
    }


def _subject(one: Hardship) -> dict[str, Any]:
    by_condition = {c.short: one.by_condition[c] for c in Condition}
    wrong = {"wrong": len(one.ids), "interval": one.interval}
    return {"subject": one.subject, "n": one.of, **wrong, **by_condition}


def _alone(both: Together, place: int) -> dict[str, Any]:
    return {
        "only_wrong": both.only_wrong(place).tolist(),
        "only_right": both.only_right(place).tolist(),
    }


def _ids(part: Predictions, rows: Ids) -> list[int]:
    return [int(number) for number in part.samples[rows]]


def _difference(judged: Judged) -> dict[str, Any]:
    before, after = judged
    moved = found_in.difference(judged[before], judged[after])
    cells = [_cell(moved, *cell) for cell in product(Expression, Expression)]
    return {"before": before, "after": after, "cells": cells}


def _cell(moved: RunDifference, truth: Expression, predicted: Expression) -> dict[str, Any]:
    return {
        "truth": truth.title,
        "predicted": predicted.title,
        "net": int(moved.net[truth, predicted]),
        "entered": moved.entered(truth, predicted).tolist(),
        "left": moved.left(truth, predicted).tolist(),
    }


def _lay_out(document: dict[str, Any]) -> list[Table | str]:
    runs = document["runs"]
    rows = [
        (
            run,
            f"{one['wrong']:,}",
            f"{one['n']:,}",
            f"{len(one['only_wrong']):,}",
            f"{len(one['only_right']):,}",
            f"{len(one['masked_only']):,}",
            f"{len(one['unmasked_only']):,}",
        )
        for run, one in runs.items()
    ]
    head = ("run", "✗", "of", "✗ alone", "✓ alone", "✗ masked", "✗ bare")
    all_wrong = f"Wrong by all: {len(document['wrong_by_all']):,} of {document['common']:,}."
    parts = [_confusion_table(run, one["confusions"]) for run, one in runs.items()]
    return [
        table(
            "Mistakes: alone among these runs, and of a pair only with or only without the mask",
            head,
            rows,
        ),
        all_wrong,
        *parts,
        *document["notes"],
    ]


def _confusion_table(run: str, confusions: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (f"{one['truth']} → {one['predicted']}", one["condition"], one["n"], f"{one['share']:.1%}")
        for one in confusions[:MOST]
    ]
    return table(f"Confusions of {run}", ("confusion", "condition", "n", "of the truth"), rows)


def _write(judged: Judged, dataset: Dataset, file: Path) -> None:
    """One line a mistake, the most confident of each run first."""
    lines = [line for run, part in judged.items() for line in _lines(run, part, dataset)]
    write_table(file, [[*HEAD, "probability"], *lines])


def _lines(run: str, part: Predictions, dataset: Dataset) -> list[list[object]]:
    lines: list[list[object]] = []
    for row in found_in.mistakes(part):
        sample = dataset.samples[dataset.row_of[int(part.samples[row])]]
        lines.append(
            [
                run,
                sample.id,
                sample.file,
                sample.subject,
                Condition(part.conditions[row]).short,
                Expression(part.expressions[row]).title,
                int(part.folds[row]) + 1,
                Expression(part.predicted[row]).title,
                f"{part.probabilities[row].max():.6f}",
            ]
        )
    return lines
