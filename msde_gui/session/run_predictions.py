"""What each run predicted for each sample, read once per finished fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Failure
from engine.experiment.predictions import Predictions
from engine.store.run_images import find_judged
from engine.store.runs import Run
from msde_gui.session.run_list import Runs

TINY = 1e-12  # the loss of a probability of 0 stays finite


@dataclass(frozen=True)
class Outcome:
    """A run's predictions of what the study still has, found by sample id."""

    predictions: Predictions
    row_of: dict[int, int]
    note: str = ""  # what the study lacks of what was tested

    def wrong(self) -> frozenset[int]:
        """The ids that were taken for another expression."""
        missed = self.predictions.predicted != self.predictions.expressions
        return frozenset(self.predictions.samples[missed].tolist())

    def confidence(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """The highest probability of each sample; nan where the run has none."""
        return self._of(ids, self.predictions.probabilities.max(axis=1))

    def loss(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Minus the logarithm of the truth's probability; nan where the run has none."""
        rows = np.arange(len(self.predictions))
        true = self.predictions.probabilities[rows, self.predictions.expressions]
        return self._of(ids, -np.log(np.maximum(true, TINY)))

    def _of(self, ids: NDArray[np.int64], values: NDArray[np.floating]) -> NDArray[np.float64]:
        rows = [self.row_of.get(int(number), -1) for number in ids]
        padded = np.append(values.astype(np.float64), np.nan)
        return np.asarray(padded[rows], dtype=np.float64)


class Outcomes:
    """A cache over the runs of a study, shared by every view; empty without a study."""

    def __init__(self, runs: Runs | None, dataset: Dataset) -> None:
        """``dataset`` is the whole study."""
        self._runs, self._dataset = runs, dataset
        self._kept: dict[str, tuple[int, Outcome | None]] = {}
        self._faults: dict[str, str] = {}

    def of(self, run_id: str) -> Outcome | None:
        """Nothing for a run that is gone, has no finished fold, or cannot be read."""
        view = self._runs.view(run_id) if self._runs else None
        if view is None:
            return None
        name, finished = str(view.run.folder), len(view.run.finished_folds())
        if self._kept.get(name, (-1, None))[0] != finished:
            self._kept[name] = (finished, self._read(view.run))
        return self._kept[name][1]

    @property
    def faults(self) -> dict[str, str]:
        """Why a run, or what it predicted, cannot be read: one sentence each, by id."""
        runs = self._runs
        if not runs:
            return {}
        bare = [view.id for view in reversed(runs.views) if not self.of(view.id)]
        told = {run: self._faults[run] for run in bare if run in self._faults}
        return told | {one.id: one.fault for one in reversed(runs.damaged)}

    def _read(self, run: Run) -> Outcome | None:
        self._faults.pop(run.id, None)
        try:
            found = find_judged(run, self._dataset)
        except Failure as failure:
            self._faults[run.id] = str(failure)
            if self._runs:
                self._runs.failed.emit(str(failure), "")
            return None
        if found is None:
            return None
        row_of = {int(number): row for row, number in enumerate(found.predictions.samples)}
        return Outcome(found.predictions, row_of, found.note)
