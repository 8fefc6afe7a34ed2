"""A run's scores as the tables show them: read from its folder, or worked out if not there yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Expression
from engine.evaluation.run_scores import ScoredRun, describe_scored, load_scores
from engine.evaluation.scores import Score, accuracy, confusion, score
from engine.experiment.predictions import Predictions
from engine.store.runs import Run, State

CHANCE = 1 / len(Expression)


@dataclass(frozen=True)
class FoldScore:
    """One held-out fold."""

    fold: int
    accuracy: Mapping[str, float]  # nm, m, average
    n: int


@dataclass(frozen=True)
class Result(ScoredRun):
    """One run that has predictions."""

    by_fold: tuple[FoldScore, ...] = ()
    spread: Mapping[str, NDArray[np.float64]] = field(default_factory=dict, compare=False)
    note: str = ""  # what the study lacks of what was tested


def result(run: Run, state: State, predictions: Predictions, note: str = "") -> Result:
    """Everything the page says of a run; cheap, without a bootstrap. Raises ``Newer``."""
    folds = np.unique(predictions.folds)
    kept = load_scores(run) if state is State.FINISHED else {}
    return Result(
        **vars(describe_scored(run, state, len(folds), kept or score(predictions))),
        by_fold=tuple(_fold(predictions, int(number)) for number in folds),
        spread={c.short: measure_spread(predictions, c) for c in Condition},
        note=note,
    )


def measure_spread(predictions: Predictions, condition: Condition) -> NDArray[np.float64]:
    """Standard deviation over folds of each cell's share of its truth, (7, 7)."""
    part = predictions.where(predictions.conditions == condition)
    shares = [_shares(confusion(part.where(part.folds == f))) for f in np.unique(part.folds)]
    n = len(Expression)
    return np.std(shares, axis=0, ddof=1) if len(shares) > 1 else np.zeros((n, n))


def sentence(shown: Result, title: str) -> str:
    """What the scores of a run mean, in plain words."""
    parts = [
        f"{_percent(shown.scores[name])} of the {words} faces"
        for name, words in (("nm", "non-masked"), ("m", "masked"))
        if name in shown.scores
    ]
    average = shown.scores["average"]
    said = f"{title} recognises {' and '.join(parts)} of people it has never seen. "
    said += (
        f"With every expression counted alike that is {100 * average.balanced:.1f} %; "
        f"guessing gives {100 * CHANCE:.1f} %"
    )
    share, name = _commonest(average)
    if share > CHANCE + 0.03:
        said += f", and always saying “{name}” is right in {100 * share:.1f} %"
    return f"{said}. {_caution(shown)}".strip()


def _caution(shown: Result) -> str:
    if shown.note:
        return shown.note
    if shown.done < shown.folds:
        return f"{shown.done} of {shown.folds} folds done so far."
    if shown.preset == "quick":
        return "A quick run: small images, few epochs, not comparable with the paper."
    return ""


def _percent(score: Score) -> str:
    share = f"{100 * score.accuracy:.1f} %"
    if score.interval is None:
        return share
    low, high = score.interval
    return f"{share} (95 % interval {100 * low:.1f} to {100 * high:.1f})"


def _commonest(score: Score) -> tuple[float, str]:
    """The share of the most frequent truth: what a constant answer would reach."""
    counts = np.asarray(score.confusion).sum(axis=1)
    most = int(counts.argmax())
    return float(counts[most] / max(1, counts.sum())), Expression(most).title


def _fold(predictions: Predictions, number: int) -> FoldScore:
    part = predictions.where(predictions.folds == number)
    found = accuracy(part)
    return FoldScore(number, {**found, "average": float(np.mean(list(found.values())))}, len(part))


def _shares(table: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1), dtype=np.float64)
