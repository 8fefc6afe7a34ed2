"""Accuracy, F1, recall and confusion per condition, over folds and with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.domain import Condition, Expression
from engine.events import Count, Share
from engine.experiment.predictions import Predictions
from engine.system.validation import adapter

RESAMPLES = 2000
_SEVEN = Field(min_length=len(Expression), max_length=len(Expression))
_Counts = Annotated[list[Count], _SEVEN]


@dataclass(frozen=True)
class Score:
    """The scores of one condition, or of both together."""

    accuracy: Share  # mean over folds; of both: mean of the two conditions
    sd: Share  # over folds
    interval: tuple[Share, Share] | None  # 95 %, bootstrap over subjects
    balanced: Share  # mean recall over the expressions present
    macro_f1: Share
    recall: dict[str, Share]  # expression -> share found; absent expressions left out
    n: Count
    confusion: Annotated[list[_Counts], _SEVEN]  # truth in rows, predicted in columns, (7, 7)

    @property
    def whole(self) -> bool:
        """Whether its parts are of the same images; those read from a file may not be."""
        known = {expression.title for expression in Expression}
        return self.n == sum(map(sum, self.confusion)) > 0 and self.recall.keys() <= known


Scores = Mapping[str, Score]  # of a run: nm, m (those with samples) and average


def score(predictions: Predictions, subjects: NDArray[Any] | None = None) -> Scores:
    """``nm``, ``m`` (those with samples) and ``average``.

    ``subjects`` is aligned, (n,); without it there are no intervals, which take the longest.
    """
    found = {
        condition.short: _score(predictions, subjects, [condition])
        for condition in Condition
        if (predictions.conditions == condition).any()
    }
    both = [condition for condition in Condition if condition.short in found]
    return found | ({"average": _score(predictions, subjects, both)} if both else {})


def plain(scores: Scores) -> dict[str, Any]:
    """As files and answers have them."""
    made: dict[str, Any] = adapter(Scores).dump_python(scores, mode="json")
    return made


def confusion(predictions: Predictions) -> NDArray[np.int64]:
    """Counts with truth in rows and predicted in columns, (7, 7)."""
    n = len(Expression)
    cell = predictions.expressions * n + predictions.predicted
    return np.bincount(cell, minlength=n * n).reshape(n, n)


def accuracy(predictions: Predictions) -> dict[str, float]:
    """Share of samples that are right, by condition; absent conditions are left out."""
    right = predictions.predicted == predictions.expressions
    return {
        condition.short: float(right[predictions.conditions == condition].mean())
        for condition in Condition
        if (predictions.conditions == condition).any()
    }


def _score(predictions: Predictions, subjects: NDArray[Any] | None, both: list[Condition]) -> Score:
    chosen = np.isin(predictions.conditions, both)
    part = predictions.where(chosen)
    table = confusion(part)
    of_folds = [
        np.mean(list(accuracy(part.where(part.folds == fold)).values()))
        for fold in np.unique(part.folds)
    ]
    recall = _share(table.diagonal(), table.sum(axis=1))
    f1 = _share(2 * table.diagonal(), table.sum(axis=0) + table.sum(axis=1))
    present = table.sum(axis=1) > 0
    return Score(
        accuracy=float(np.mean(of_folds)),
        sd=float(np.std(of_folds, ddof=1)) if len(of_folds) > 1 else 0.0,
        interval=None if subjects is None else _of_accuracy(part, subjects[chosen]),
        balanced=float(recall[present].mean()),
        macro_f1=float(f1[present].mean()),
        recall={e.title: float(recall[e]) for e in Expression if present[e]},
        n=len(part),
        confusion=table.tolist(),
    )


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(part / np.maximum(whole, 1), dtype=np.float64)


def _of_accuracy(predictions: Predictions, subjects: NDArray[Any]) -> tuple[float, float]:
    right = predictions.predicted == predictions.expressions
    return interval(right.astype(np.float64), predictions.conditions, subjects)


def interval(
    values: NDArray[np.float64], conditions: NDArray[np.int64], subjects: NDArray[Any]
) -> tuple[float, float]:
    """95 % of the mean over conditions of their mean values; all aligned, (n,).

    Whole subjects are drawn again, since images of one person are not independent.
    """
    names, person = np.unique(subjects, return_inverse=True)
    present, which = np.unique(conditions, return_inverse=True)
    sums = np.zeros((len(names), len(present), 2))
    np.add.at(sums[..., 0], (person, which), values)
    np.add.at(sums[..., 1], (person, which), 1)
    random = np.random.default_rng(0)
    shares = []
    for _ in range(RESAMPLES):
        drawn = sums[random.integers(len(names), size=len(names))].sum(axis=0)
        if drawn[:, 1].all():  # else nobody drawn has an image of one condition
            shares.append(np.mean(drawn[:, 0] / drawn[:, 1]))
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)
