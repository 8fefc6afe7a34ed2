"""The scores of a run, from the predictions of the folds that are done."""

from dataclasses import asdict
from typing import Any

from engine.domain import Dataset
from engine.statistics.scores import score
from engine.store.runs import Run


def scored(run: Run, dataset: Dataset) -> dict[str, Any]:
    """``nm``, ``m`` and ``average`` as plain data; empty before the first fold is done."""
    predictions = run.predictions()
    if predictions is None:
        return {}
    rows = [dataset.row_of[int(sample)] for sample in predictions.samples]
    return {name: asdict(one) for name, one in score(predictions, dataset.subjects[rows]).items()}
