"""The scores of a run, from the predictions of the folds that are done."""

from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import ValidationError

from engine.domain import Condition, Dataset, Failure
from engine.evaluation.scores import Score, score
from engine.store.files import Newer, read_document
from engine.store.run_images import match_images
from engine.store.runs import Run
from engine.system.validation import adapter

NAMES = (*(condition.short for condition in Condition), "average")


def score_run(run: Run, dataset: Dataset) -> dict[str, Any]:
    """``nm``, ``m`` and ``average`` as plain data; empty before the first fold is done.

    There are no intervals unless ``dataset`` still has every image that was tested.
    """
    predictions = run.predictions()
    if predictions is None:
        return {}
    fit, subjects = match_images(run, dataset), None
    if np.isin(predictions.samples, fit.numbers).all():
        row_of = dict(zip(fit.numbers.tolist(), range(len(fit.numbers)), strict=True))
        subjects = fit.images.subjects[[row_of[int(sample)] for sample in predictions.samples]]
    return {name: asdict(one) for name, one in score(predictions, subjects).items()}


def load_scores(run: Run) -> dict[str, Any]:
    """What ``score_run`` said when the run was finished; empty if that is lost: ask it again."""
    try:
        document = read_document(run.scores_file)
        found = adapter(dict[str, Score]).validate_python(document)
    except Newer:
        raise
    except (Failure, ValidationError):
        return {}
    whole = all(one.whole and one.interval for one in found.values())
    if not whole or "average" not in found or not found.keys() <= set(NAMES):
        return {}
    return {name: asdict(one) for name, one in found.items()}
