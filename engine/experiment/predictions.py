"""What the held-out networks said of each sample: the source of every score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
