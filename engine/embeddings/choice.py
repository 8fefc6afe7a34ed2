"""Which of a picture's samples are shown."""

from dataclasses import dataclass, replace

import numpy as np

from engine.domain import Dataset, find_condition, find_expression
from engine.embeddings.embedding import Embedding
from engine.store.runs import Run


@dataclass(frozen=True)
class PointChoice:
    """Every part narrows the choice; empty parts do not."""

    expression: str = ""  # a title
    condition: str = ""  # nm or m
    subject: str = ""  # part of a name, any case
    tested: int = 0  # only whom this fold tests, from 1
    held_out: bool = False  # only what the network did not train on

    def __post_init__(self) -> None:
        """Raise ``Failure`` for words that name nothing."""
        find_expression(self.expression or "sad")
        find_condition(self.condition or "nm")


def choose(run: Run, picture: Embedding, dataset: Dataset, choice: PointChoice) -> Embedding:
    """The picture with those samples alone, also without those that the study has no longer."""
    known = np.isin(picture.samples, dataset.ids)
    rows = np.searchsorted(dataset.ids, picture.samples[known])
    keep = np.ones(len(rows), dtype=bool)
    if choice.expression:
        keep &= dataset.expressions[rows] == find_expression(choice.expression)
    if choice.condition:
        keep &= dataset.conditions[rows] == find_condition(choice.condition)
    if choice.subject:
        lower = np.char.lower(dataset.subjects[rows])
        keep &= np.char.find(lower, choice.subject.lower()) >= 0
    if choice.tested:
        fold_of = run.protocol.fold_of()
        folds = [fold_of.get(name, -1) for name in dataset.subjects[rows].tolist()]
        keep &= np.array(folds) == choice.tested - 1
    if choice.held_out:
        keep &= picture.held_out[known]
    kept = np.flatnonzero(known)[keep]
    columns = {name: getattr(picture, name)[kept] for name in ("samples", "held_out", "points")}
    return replace(picture, **columns, start=None)
