"""What commands say about runs: plain data for programs, tables for people."""

from pathlib import Path
from typing import Any

from rich.table import Table

from engine.cli._output import table
from engine.domain import Condition, Dataset, Expression, Failure
from engine.evaluation.run_scores import load_scores, score_run
from engine.evaluation.scores import accuracy
from engine.events import RunEnded
from engine.experiment.predictions import Predictions
from engine.experiment.progress import RunProgress, follow
from engine.store.run_images import require_judged
from engine.store.runs import Run, State
from engine.store.study import Study
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
        "scores": run_scores(run),
        "seconds": sum(event.seconds for event in run.events() if isinstance(event, RunEnded)),
        "error": run.failure(),
    }


def run_scores(run: Run) -> dict[str, Any]:
    """Of the folds that are done: ``nm``, ``m`` and ``average``; empty before the first."""
    kept = load_scores(run) if run.state() is State.FINISHED else {}
    if kept:
        return kept
    with Study(run.study_folder) as study:
        return score_run(run, study.dataset())


def score_table(runs: list[Run]) -> Table:
    """One row a run; quick runs say so."""
    rows = []
    for run in runs:
        scores = run_scores(run)
        done = len(run.finished_folds())
        cells = [_percent(scores.get(name), done) for name in ("nm", "m", "average")]
        average = scores.get("average", {})
        more = [f"{100 * average[key]:.1f}" if average else "–" for key in ("balanced", "macro_f1")]
        rows.append((run.id, run.experiment.preset, *cells, *more))
    columns = ("run", "preset", "NM", "M", "average", "balanced", "macro-F1")
    return table("Accuracy in %, mean ± SD over folds", columns, rows)


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


def _percent(score: dict[str, Any] | None, folds: int) -> str:
    """One fold alone has no spread."""
    if not score:
        return "–"
    spread = f" ± {100 * score['sd']:.1f}" if folds > 1 else ""
    return f"{100 * score['accuracy']:.1f}{spread}"
