"""What is selected, where it came from, and which samples the filter lets through."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Expression

Cells = Sequence[tuple[int, int]]  # of a confusion matrix: (truth, predicted)


@dataclass(frozen=True)
class Selection:
    """Sample ids and the breadcrumb that says where they came from, such as a matrix cell."""

    ids: tuple[int, ...] = ()
    chips: tuple[str, ...] = ()  # "masked", "fear → surprise", "001-baseline-mix"
    run: str = ""  # whose predictions it was chosen by


@dataclass(frozen=True)
class Filter:
    """Empty fields let everything through."""

    expression: int | None = None
    condition: int | None = None
    subject: str = ""  # part of the name, any case
    fold: int | None = None


class SelectionHistory:
    """Selections in the order they were made: Back and Forward go through them."""

    def __init__(self) -> None:
        self._past: list[Selection] = [Selection()]
        self._place = 0

    @property
    def current(self) -> Selection:
        return self._past[self._place]

    def add(self, selection: Selection) -> None:
        """Forget what lay ahead and go to ``selection``."""
        self._past = [*self._past[: self._place + 1], selection][-100:]
        self._place = len(self._past) - 1

    def step(self, by: int) -> bool:
        """Go ``by`` steps (-1 back, 1 forward); False at an end."""
        target = self._place + by
        if not 0 <= target < len(self._past):
            return False
        self._place = target
        return True


def describe_cells(cells: Cells) -> str:
    """Such as “fear → surprise”, “all fear”, “taken for sad” or “4 cells”."""
    n = len(Expression)
    truths = sorted({truth for truth, _ in cells})
    predicted = sorted({answer for _, answer in cells})
    if len(cells) == 1:
        return f"{Expression(truths[0]).title} → {Expression(predicted[0]).title}"
    if len(truths) == 1 and len(cells) == n:
        return f"all {Expression(truths[0]).title}"
    if len(predicted) == 1 and len(cells) == n:
        return f"taken for {Expression(predicted[0]).title}"
    return f"{len(cells)} cells"


def matching(dataset: Dataset, chosen: Filter, fold_of: dict[str, int]) -> NDArray[np.int64]:
    """Ids of the samples that the filter lets through, in the dataset's order."""
    keep = np.ones(len(dataset), dtype=bool)
    if chosen.expression is not None:
        keep &= dataset.expressions == chosen.expression
    if chosen.condition is not None:
        keep &= dataset.conditions == chosen.condition
    if chosen.subject:
        lower = np.char.lower(dataset.subjects)
        keep &= np.char.find(lower, chosen.subject.lower()) >= 0
    if chosen.fold is not None:
        held_out = {subject for subject, fold in fold_of.items() if fold == chosen.fold}
        keep &= np.isin(dataset.subjects, sorted(held_out))
    return dataset.ids[keep]
