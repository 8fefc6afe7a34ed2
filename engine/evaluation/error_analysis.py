"""Where runs go wrong: confident mistakes, confusions, hard people, and how two runs differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Expression
from engine.experiment.predictions import Predictions, pool

N = len(Expression)
NORMAL = 1.959964  # the 97.5 % quantile: intervals of 95 %

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """One expression taken for another under one condition."""

    condition: Condition
    truth: Expression
    predicted: Expression
    ids: tuple[int, ...]
    of: int  # samples of that truth under that condition

    @property
    def share(self) -> float:
        return len(self.ids) / self.of


@dataclass(frozen=True)
class Hardship:
    """How often one subject's expressions were taken for others; pairs are (wrong, of)."""

    subject: str
    ids: tuple[int, ...]  # the wrong ones
    of: int
    by_condition: tuple[tuple[int, int], ...]

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, with the images of a person taken as independent, which flatters it a little."""
        return wilson(len(self.ids), self.of)

    @property
    def rate(self) -> float:
        return len(self.ids) / self.of


@dataclass(frozen=True)
class Together:
    """Several runs on the samples that all of them predicted."""

    samples: Ids  # (n,)
    wrong: NDArray[np.bool_]  # (runs, n)

    def by_all(self) -> Ids:
        """Wrong in every run."""
        return _where(self.samples, np.asarray(self.wrong.all(axis=0)))

    def only_wrong(self, run: int) -> Ids:
        """Wrong in this run, right in every other one; nothing if there is no other."""
        return self._alone(run, self.wrong)

    def only_right(self, run: int) -> Ids:
        """Right in this run, wrong in every other one; nothing if there is no other."""
        return self._alone(run, ~self.wrong)

    def _alone(self, run: int, claim: NDArray[np.bool_]) -> Ids:
        if len(claim) < 2:
            return self.samples[:0]
        return _where(self.samples, np.asarray(claim[run]) & (claim.sum(axis=0) == 1))


@dataclass(frozen=True)
class RunDifference:
    """Two runs on the samples that both predicted: the matrix cell of each, truth × 7 + answer."""

    samples: Ids  # (n,)
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def net(self) -> NDArray[np.int64]:
        """What the second run has more in each cell, (7, 7)."""
        return _table(self.after) - _table(self.before)

    @property
    def came(self) -> NDArray[np.int64]:
        """Samples in the cell in the second run alone, (7, 7)."""
        return _table(self.after[self.before != self.after])

    @property
    def gone(self) -> NDArray[np.int64]:
        """Samples in the cell in the first run alone, (7, 7)."""
        return _table(self.before[self.before != self.after])

    def entered(self, truth: int, predicted: int) -> Ids:
        """Samples that the second run has moved into the cell."""
        cell = truth * N + predicted
        return _where(self.samples, (self.after == cell) & (self.before != cell))

    def left(self, truth: int, predicted: int) -> Ids:
        """Samples that the second run has moved out of the cell."""
        cell = truth * N + predicted
        return _where(self.samples, (self.before == cell) & (self.after != cell))


@dataclass(frozen=True)
class Flips:
    """What the mask changes in pairs, each as (non-masked, masked) ids, (n, 2)."""

    masked_only: Ids  # right without the mask, wrong with it
    bare_only: Ids  # wrong without the mask, right with it
    never: Ids  # wrong in both
    always: Ids  # right in both


def wrong(predictions: Predictions) -> NDArray[np.bool_]:
    """Which rows were taken for another expression, (n,)."""
    return np.asarray(predictions.predicted != predictions.expressions)


def mistakes(predictions: Predictions, expression: int | None = None) -> Ids:
    """Rows of the mistakes (of one true expression), the most confident one first."""
    chosen = wrong(predictions)
    if expression is not None:
        chosen &= predictions.expressions == expression
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-predictions.probabilities[rows].max(axis=1), kind="stable")]


def confusions(predictions: Predictions) -> list[Confusion]:
    """Every confusion that happened, the most frequent first."""
    cells = predictions.expressions * N + predictions.predicted
    found = []
    for condition in Condition:
        under = predictions.conditions == condition
        of = np.bincount(predictions.expressions[under], minlength=N)
        for cell in np.unique(cells[under & wrong(predictions)]):
            truth, predicted = divmod(int(cell), N)
            ids = tuple(predictions.samples[under & (cells == cell)].tolist())
            shown, answer = Expression(truth), Expression(predicted)
            found.append(Confusion(condition, shown, answer, ids, of=int(of[truth])))
    return sorted(found, key=lambda one: (-len(one.ids), -one.share))


def align_predictions(parts: Sequence[Predictions]) -> list[Predictions]:
    """The samples that all runs predicted, in the order of their ids."""
    ordered = [pool([part]) for part in parts]
    if all(np.array_equal(part.samples, ordered[0].samples) for part in ordered):
        return ordered  # the usual case, and the quick one
    common = reduce(np.intersect1d, [part.samples for part in ordered])
    return [part.where(np.isin(part.samples, common)) for part in ordered]


def compare_answers(parts: Sequence[Predictions]) -> Together:
    """One or more runs, compared where all of them have an answer."""
    same = align_predictions(parts)
    return Together(same[0].samples, np.array([wrong(part) for part in same]))


def difference(before: Predictions, after: Predictions) -> RunDifference:
    """From one run to another, sample by sample; each has the truth of its own run."""
    same = align_predictions([before, after])
    cells = [part.expressions * N + part.predicted for part in same]
    return RunDifference(same[0].samples, before=cells[0], after=cells[1])


def hardships(predictions: Predictions, subjects: NDArray[np.str_]) -> list[Hardship]:
    """Subjects by their share of mistakes, the highest first. ``subjects`` is aligned, (n,)."""
    if not len(predictions):
        return []
    names, person = _number_names(subjects)
    k, missed = len(Condition), wrong(predictions)
    place = person * k + predictions.conditions
    of = np.bincount(place, minlength=len(names) * k).reshape(-1, k)
    failed = np.bincount(place[missed], minlength=len(names) * k).reshape(-1, k)
    rows = np.flatnonzero(missed)
    rows = rows[np.argsort(person[rows], kind="stable")]
    ids = np.split(predictions.samples[rows], np.cumsum(failed.sum(axis=1))[:-1])
    found = [
        Hardship(name, tuple(own.tolist()), sum(whole), tuple(zip(parts, whole, strict=True)))
        for name, own, whole, parts in zip(names, ids, of.tolist(), failed.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.rate, -one.of, one.subject))


def flips(predictions: Predictions, pairs: Ids) -> Flips:
    """``pairs`` are (non-masked, masked) ids, (n, 2); those with an answer to both count."""
    known = np.isin(pairs, predictions.samples).all(axis=1)
    whole = pairs[known]
    order = np.argsort(predictions.samples, kind="stable")
    rows = order[np.searchsorted(predictions.samples, whole, sorter=order)]
    bare, masked = wrong(predictions)[rows].reshape(-1, 2).T
    return Flips(
        masked_only=whole[~bare & masked],
        bare_only=whole[bare & ~masked],
        never=whole[bare & masked],
        always=whole[~bare & ~masked],
    )


def wilson(count: int, of: int) -> tuple[float, float]:
    """A 95 % interval of a share (Wilson 1927), good at small numbers; 0 to 1 for none."""
    if not of:
        return 0.0, 1.0
    share, spread = count / of, NORMAL**2 / of
    centre = (share + spread / 2) / (1 + spread)
    reach = NORMAL * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def _number_names(names: NDArray[np.str_]) -> tuple[list[str], NDArray[np.int64]]:
    """Each name once and its number in every row: five times as quick as sorting texts."""
    numbers: dict[str, int] = {}
    person = [numbers.setdefault(name, len(numbers)) for name in names.tolist()]
    return list(numbers), np.array(person, dtype=np.int64)


def _table(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(cells, minlength=N * N).reshape(N, N)


def _where(samples: Ids, chosen: NDArray[np.bool_]) -> Ids:
    return np.asarray(samples[chosen])
