"""The predictions that every error view is made from: the chosen runs, narrowed by the filter."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Dataset, Expression
from engine.experiment.predictions import Predictions
from msde_gui.session.selection import Filter, matching

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class ErrorInputs:
    """``parts`` are aligned with ``runs``; a fold of the filter is each run's own."""

    dataset: Dataset
    pairs: Ids  # (non-masked, masked) ids, (n, 2)
    filter: Filter
    runs: tuple[str, ...]
    parts: tuple[Predictions, ...]
    looked: int = 0  # at this one of the runs
    other: int = 0  # compared with this one

    @cached_property
    def passing(self) -> Ids:
        """The samples that the filter lets through in any fold."""
        chosen = self.filter
        anywhere = Filter(chosen.expression, chosen.condition, chosen.subject)
        return matching(self.dataset, anywhere, {})

    @cached_property
    def narrowed(self) -> tuple[Predictions, ...]:
        """What each run said of the samples that pass."""
        return tuple(self._narrowed(part) for part in self.parts)

    @property
    def whole(self) -> Predictions:
        """All that the run one looks at said in its fold: pairs need both of their images."""
        return self._of_fold(self.parts[self.looked])

    @property
    def part(self) -> Predictions:
        return self.narrowed[self.looked]

    @property
    def run(self) -> str:
        return self.runs[self.looked]

    @property
    def chips(self) -> tuple[str, ...]:
        """The filter in words."""
        chosen = self.filter
        words = (
            "" if chosen.condition is None else Condition(chosen.condition).title,
            "" if chosen.expression is None else f"truth {Expression(chosen.expression).title}",
            chosen.subject and f"subject {chosen.subject}",
            "" if chosen.fold is None else f"fold {chosen.fold + 1}",
        )
        return tuple(filter(None, words))

    def subjects(self, ids: Ids) -> NDArray[np.str_]:
        """The row of each sample; a study numbers its samples in rising order."""
        return np.asarray(self.dataset.subjects[np.searchsorted(self.dataset.ids, ids)])

    def _narrowed(self, part: Predictions) -> Predictions:
        inside = self._of_fold(part)
        if len(self.passing) == len(self.dataset):
            return inside
        return inside.where(np.isin(inside.samples, self.passing))

    def _of_fold(self, part: Predictions) -> Predictions:
        fold = self.filter.fold
        return part if fold is None else part.where(part.folds == fold)


def rows_of(part: Predictions, ids: Ids) -> Ids:
    """Where the samples lie; pooled predictions are in the order of their ids."""
    return np.searchsorted(part.samples, ids)


def take_rows(part: Predictions, rows: Ids) -> Predictions:
    """Some rows in their own order."""
    return Predictions(**{name: column[rows] for name, column in vars(part).items()})
