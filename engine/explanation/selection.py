"""Which of a run's tested samples to explain: by id, by what they show, or by being wrong."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure, find_condition, find_expression
from engine.experiment.predictions import Predictions
from engine.store.run_images import require_judged
from engine.store.runs import Run
from engine.store.study import Study


@dataclass(frozen=True)
class SampleChoice:
    """Every part narrows the choice; empty parts do not."""

    samples: tuple[int, ...] = ()
    expression: str = ""  # a title
    condition: str = ""  # nm or m
    wrong: bool = False
    everything: bool = False  # said where nothing else narrows it
    limit: int = 0

    @property
    def filtered(self) -> bool:
        return bool(self.expression or self.condition or self.wrong)


def select(run: Run, choice: SampleChoice) -> list[int]:
    """Sample ids as they were given, or in order; wrong ones with the surest first.

    Raises ``Failure`` if nothing was chosen, or if nothing fits.
    """
    if not (choice.samples or choice.filtered or choice.everything):
        raise Failure(
            "Say which samples to explain: --sample with an id, --expression, --condition or "
            "--wrong, or --all of them."
        )
    found = list(choice.samples)
    if choice.filtered or not found:
        found = _fitting(run, choice)
    if not found:
        raise Failure(f"No tested sample of run {run.id} fits the choice: loosen it.")
    return found[: choice.limit or None]


def _fitting(run: Run, choice: SampleChoice) -> list[int]:
    with Study(run.study_folder) as study:
        predictions = require_judged(run, study.dataset()).predictions
    kept = predictions.where(_keep(predictions, choice))
    order = np.arange(len(kept))
    if choice.wrong:
        order = np.argsort(-kept.probabilities.max(axis=1), kind="stable")
    return [int(number) for number in kept.samples[order]]


def _keep(predictions: Predictions, choice: SampleChoice) -> NDArray[np.bool_]:
    keep = np.ones(len(predictions), dtype=np.bool_)
    if choice.samples:
        keep &= np.isin(predictions.samples, choice.samples)
    if choice.expression:
        keep &= predictions.expressions == find_expression(choice.expression)
    if choice.condition:
        keep &= predictions.conditions == find_condition(choice.condition)
    if choice.wrong:
        keep &= predictions.predicted != predictions.expressions
    return keep
