"""What a study's runs say for the paper's tables: scores, and how sure one run is above another."""

from typing import Any

import numpy as np

from engine.domain import Condition, Dataset, Failure
from engine.evaluation.error_analysis import align_predictions
from engine.evaluation.run_scores import find_scores
from engine.evaluation.scores import Scores, interval, score
from engine.experiment.fold_rows import agreeing_pairs
from engine.experiment.predictions import Predictions
from engine.store.run_images import find_judged
from engine.store.runs import Run


class Evidence:
    """The evidence in one study; what was asked once is remembered."""

    def __init__(self, dataset: Dataset) -> None:
        """``dataset`` has all samples."""
        self._dataset = dataset
        self._scores: dict[tuple[str, bool], Scores] = {}

    def scores(self, run: Run, paired: bool = False) -> Scores:
        """On all images, or on pairs alone; empty before the first fold is done."""
        key = (run.id, paired)
        if key not in self._scores:
            self._scores[key] = self._on_pairs(run) if paired else find_scores(run)
        return self._scores[key]

    def gain(
        self, first: Run, other: Run, column: str, paired: bool = False
    ) -> tuple[float, float] | None:
        """95 % of what ``other`` has more than ``first`` on the same images, -1 to 1, by subjects.

        ``column`` is a condition or both. Nothing without images that both have tested.
        """
        found = [self._said(run, paired) for run in (first, other)]
        if any(one is None for one in found):
            return None
        under = [c for c in Condition if column in (c.short, "average")]
        same = align_predictions(
            [one.where(np.isin(one.conditions, under)) for one in found if one]
        )
        if not len(same[0]):
            return None
        before, after = (one.predicted == one.expressions for one in same)
        steps = after.astype(np.float64) - before.astype(np.float64)
        return interval(steps, same[0].conditions, self._subjects(same[0]))

    def _on_pairs(self, run: Run) -> Scores:
        said = self._said(run, paired=True)
        if said is None or not len(said):
            return {}
        return score(said, self._subjects(said))

    def _said(self, run: Run, paired: bool) -> Predictions | None:
        """What was said of images that the study still has."""
        try:
            found = find_judged(run, self._dataset)
        except Failure:
            return None
        if found is None or not paired:
            return found.predictions if found else None
        pairs = self._dataset.ids[agreeing_pairs(self._dataset)]
        return found.predictions.where(np.isin(found.predictions.samples, pairs))

    def _subjects(self, said: Predictions) -> Any:
        rows = [self._dataset.row_of[number] for number in said.samples.tolist()]
        return self._dataset.subjects[rows]
