"""The scores of a run, from the predictions of the folds that are done."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from pydantic import ValidationError

from engine.domain import Condition, Dataset, Failure
from engine.evaluation.scores import Score, Scores, plain, score
from engine.store.files import Newer, read_document
from engine.store.run_images import match_images
from engine.store.runs import Run, State
from engine.store.study import Study
from engine.system.validation import adapter

NAMES = (*(condition.short for condition in Condition), "average")


@dataclass(frozen=True)
class ScoredRun:
    """What tables say of a run."""

    run: str
    method: str
    train: str
    preset: str
    seed: int
    state: str
    done: int
    folds: int
    scores: Scores


def describe_scored(run: Run, state: State, done: int, scores: Scores) -> ScoredRun:
    """``done`` is the number of folds behind the scores."""
    experiment = run.experiment
    return ScoredRun(
        run=run.id,
        method=experiment.method,
        train=experiment.train,
        preset=experiment.preset,
        seed=experiment.seed,
        state=str(state),
        done=done,
        folds=len(run.protocol.folds),
        scores=scores,
    )


def find_scores(run: Run) -> Scores:
    """Those that were kept of a finished run, else worked out now, as ``score_run`` does."""
    kept = load_scores(run) if run.state() is State.FINISHED else {}
    if kept:
        return kept
    with Study(run.study_folder) as study:
        return score_run(run, study.dataset())


def score_run(run: Run, dataset: Dataset) -> Scores:
    """``nm``, ``m`` and ``average``; empty before the first fold is done.

    There are no intervals unless ``dataset`` still has every image that was tested.
    """
    predictions = run.predictions()
    if predictions is None:
        return {}
    fit, subjects = match_images(run, dataset), None
    if np.isin(predictions.samples, fit.numbers).all():
        row_of = dict(zip(fit.numbers.tolist(), range(len(fit.numbers)), strict=True))
        subjects = fit.images.subjects[[row_of[int(sample)] for sample in predictions.samples]]
    return score(predictions, subjects)


def load_scores(run: Run) -> Scores:
    """What ``score_run`` said when the run was finished; empty if that is lost: ask it again.

    What an older version did not score is worked out from the predictions. Raises ``Newer``.
    """
    try:
        kept = adapter(dict[str, dict[str, Any]]).validate_python(read_document(run.scores_file))
        found: Scores = adapter(Scores).validate_python(_complete(run, kept))
    except Newer:
        raise
    except (Failure, ValidationError):
        return {}
    whole = all(one.whole and one.interval for one in found.values())
    return found if whole and "average" in found and found.keys() <= set(NAMES) else {}


def _complete(run: Run, kept: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """With the values that later versions added."""
    names = {field.name for field in fields(Score)}
    predictions = None if all(names <= one.keys() for one in kept.values()) else run.predictions()
    made = plain(score(predictions)) if predictions else {}
    return {name: made.get(name, {}) | one for name, one in kept.items()}
