"""What commands say about runs: plain data for programs, tables for people."""

from pathlib import Path
from typing import Any

from rich.table import Table

from engine.cli._output import table
from engine.domain import Condition, Dataset, Expression, Failure
from engine.evaluation.result_columns import terminal_columns
from engine.evaluation.run_scores import ScoredRun, describe_scored, find_scores
from engine.evaluation.scores import accuracy, plain
from engine.events import RunEnded
from engine.experiment.predictions import Predictions
from engine.experiment.progress import RunProgress, follow
from engine.store.run_images import require_judged
from engine.store.runs import Run, State
from engine.store.tables import write_table


def describe_run(run: Run) -> dict[str, Any]:
    """One line of ``msde runs``; a damaged run does not hide the others."""
    try:
        run.check()
        return brief(run)
    except Failure as error:
        unknown = dict.fromkeys(("method", "train", "preset", "seed"), "")
        return {"run": run.id, "state": "damaged", **unknown, "progress": 0.0, "error": str(error)}


def brief(run: Run) -> dict[str, Any]:
    """What every answer says of a run."""
    state = run.state()
    progress = 1.0 if state is State.FINISHED else follow(RunProgress(), run.events()).fraction
    experiment = run.experiment
    return {
        "run": run.id,
        "state": state,
        "method": experiment.method,
        "train": experiment.train,
        "preset": experiment.preset,
        "seed": experiment.seed,
        "teacher": experiment.teacher,
        "progress": progress,
    }


def run_document(run: Run) -> dict[str, Any]:
    """What ``msde run`` and ``msde resume`` answer."""
    predictions = run.predictions()
    return brief(run) | {
        "folds": [
            {
                "fold": fold.number + 1,
                "train_subjects": list(fold.train),
                "test_subjects": list(fold.test),
                "scores": _of_fold(predictions, fold.number),
            }
            for fold in run.protocol.folds
        ],
        "scores": plain(find_scores(run)),
        "seconds": sum(event.seconds for event in run.events() if isinstance(event, RunEnded)),
        "error": run.failure(),
    }


def find_scored(run: Run) -> ScoredRun:
    """With the scores of the folds that are done; none before the first."""
    return describe_scored(run, run.state(), len(run.finished_folds()), find_scores(run))


def score_table(runs: list[ScoredRun]) -> Table:
    """One row a run; quick runs say so."""
    columns = terminal_columns()
    rows = [[column.text(run) for column in columns] for run in runs]
    return table("Accuracy in %, mean ± SD over folds", [c.short for c in columns], rows)


def write_predictions(run: Run, dataset: Dataset, file: Path) -> None:
    """Every out-of-fold prediction of an image that the study still has, as CSV."""
    predictions = require_judged(run, dataset).predictions
    names = [expression.title for expression in Expression]
    head = ["sample", "file", "subject", "condition", "expression", "fold", "predicted", *names]
    write_table(file, [head, *_rows(predictions, dataset)])


def _rows(predictions: Predictions, dataset: Dataset) -> list[list[object]]:
    rows: list[list[object]] = []
    for row, number in enumerate(predictions.samples.tolist()):
        sample = dataset.samples[dataset.row_of[number]]
        rows.append(
            [
                sample.id,
                sample.file,
                sample.subject,
                Condition(predictions.conditions[row]).short,
                Expression(predictions.expressions[row]).title,
                int(predictions.folds[row]) + 1,
                Expression(predictions.predicted[row]).title,
                *(f"{share:.6f}" for share in predictions.probabilities[row]),
            ]
        )
    return rows


def _of_fold(predictions: Predictions | None, fold: int) -> dict[str, float]:
    if predictions is None or not (predictions.folds == fold).any():
        return {}
    return accuracy(predictions.where(predictions.folds == fold))


def parts_done(runs: list[Run]) -> list[str]:
    """A sentence for each run that is not whole, such as “fold 1 of 2, stopped”."""
    told = []
    for run in runs:
        done, of = run.finished_folds(), len(run.protocol.folds)
        listed = ", ".join(str(number + 1) for number in done)
        which = f"fold{'s' * (len(done) > 1)} {listed}" if done else "no fold"
        told += [f"{run.id}: {which} of {of}, {run.state()}."] if len(done) < of else []
    return told
