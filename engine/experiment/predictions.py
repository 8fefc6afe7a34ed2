"""What the held-out networks said of each sample: the source of every score."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Expression, Failure
from engine.store.columns import Column, Damaged, load_columns, save_columns
from engine.store.remedies import remedy

COLUMNS = {
    "samples": Column("<i8", low=0, distinct=True),
    "folds": Column("<i8", low=0),
    "conditions": Column("<i8", low=0, high=len(Condition) - 1),
    "expressions": Column("<i8", low=0, high=len(Expression) - 1),
    "probabilities": Column("<f4", ("n", len(Expression)), low=0, high=1),
}
ROUNDING = 1e-3  # of the sum of seven probabilities


@dataclass(frozen=True)
class Predictions:
    """Aligned columns, one row a sample; ``probabilities`` is (n, 7) and sums to 1 in each row."""

    samples: NDArray[np.int64]  # ids
    folds: NDArray[np.int64]
    conditions: NDArray[np.int64]
    expressions: NDArray[np.int64]  # the truth
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def predicted(self) -> NDArray[np.int64]:
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    def where(self, chosen: NDArray[np.bool_]) -> "Predictions":
        """The rows that are chosen."""
        return Predictions(**{name: column[chosen] for name, column in vars(self).items()})


def pool(parts: list[Predictions]) -> Predictions:
    """Predictions of several folds as one, in the order of the sample ids."""
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Predictions.__dataclass_fields__
    }
    order = np.argsort(joined["samples"], kind="stable")
    return Predictions(**{name: column[order] for name, column in joined.items()})


def write(predictions: Predictions, file: Path) -> None:
    save_columns(file, vars(predictions))


def read(file: Path) -> Predictions:
    """Of a fold's folder. Raises ``Failure`` for a damaged file, with the command that mends it."""
    try:
        found = Predictions(**load_columns(file, COLUMNS))
        sums = found.probabilities.sum(axis=1)
        if not len(found) or (abs(sums - 1) > ROUNDING).any():
            raise Damaged("No rows, or probabilities that do not sum to 1.")
    except Damaged as error:
        raise damaged(file) from error
    return found


def damaged(file: Path) -> Failure:
    """What to say of it: with the command that mends it."""
    return Failure(
        f"The predictions in {file} are damaged: run that fold again with {remedy(file.parent)}."
    )
