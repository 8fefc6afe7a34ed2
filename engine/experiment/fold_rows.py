"""Which rows of a dataset each side of a fold holds, for every choice of what to train on."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Dataset
from engine.experiment.experiment import TrainOn
from engine.experiment.folds import Fold

Rows = NDArray[np.int64]


def training_rows(dataset: Dataset, fold: Fold, train: TrainOn) -> Rows:
    """Rows to train on, (n, 1), or the non-masked and masked row of each pair, (n, 2)."""
    rows = _VIEWS[train](dataset)
    return rows[_of(dataset, fold.train)[rows[:, 0]]]


def held_out_rows(dataset: Dataset, fold: Fold) -> Rows:
    """Rows of the held-out subjects in both conditions, (n,)."""
    return np.flatnonzero(_of(dataset, fold.test))


def agreeing_pairs(dataset: Dataset) -> Rows:
    """Non-masked and masked row of each pair whose two labels agree, (n, 2): the paper's MSD-PE."""
    rows = dataset.pairs()
    expressions = dataset.expressions[rows]
    return np.asarray(rows[expressions[:, 0] == expressions[:, 1]])


def _of(dataset: Dataset, subjects: Sequence[str]) -> NDArray[np.bool_]:
    """Which samples are of these subjects, (n,)."""
    wanted = set(subjects)  # numpy would sort half a million names
    said = (subject in wanted for subject in dataset.subjects.tolist())
    return np.fromiter(said, dtype=np.bool_, count=len(dataset))


def _under(*conditions: Condition) -> Callable[[Dataset], Rows]:
    return lambda dataset: np.flatnonzero(np.isin(dataset.conditions, conditions))[:, None]


_VIEWS: Mapping[TrainOn, Callable[[Dataset], Rows]] = {
    "nm": _under(Condition.NON_MASKED),
    "m": _under(Condition.MASKED),
    "mix": _under(*Condition),
    "pairs": agreeing_pairs,
}
