"""The colour of each sample under one key, and what each colour means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.domain import Condition, Dataset, Expression
from msde_gui import theme
from msde_gui.outcomes import Outcome

KEYS = {
    "truth": "True expression",
    "prediction": "Predicted expression",
    "correct": "Right or wrong",
    "condition": "Condition",
    "subject": "Subject",
    "fold": "Fold that tests it",
}
ABSENT = "no prediction"
LISTED = 12  # entries of a legend
GOLDEN = 0.618034  # turns of the colour wheel between neighbours: they never look alike

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Colouring:
    """``codes`` (n,) are rows of ``names`` and ``colours``."""

    codes: Codes
    names: tuple[str, ...]
    colours: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of the samples of a map, aligned with them."""

    expressions: Codes
    conditions: Codes
    subjects: Codes  # rows of ``names``
    names: tuple[str, ...]  # of every subject in the dataset
    predicted: Codes  # -1: no prediction
    folds: Codes  # -1: never held out


def facts(
    dataset: Dataset, samples: Codes, outcome: Outcome | None, fold_of: Mapping[str, int]
) -> Facts:
    """``outcome`` is what the run said of samples it had not trained on."""
    rows = np.array([dataset.row_of[int(number)] for number in samples], dtype=np.int64)
    names, subjects = np.unique(dataset.subjects, return_inverse=True)
    predicted = np.full(len(samples), -1, dtype=np.int64)
    if outcome:
        answers = np.append(outcome.predictions.predicted, -1)
        predicted = answers[[outcome.row_of.get(int(number), -1) for number in samples]]
    of_subject = np.array([fold_of.get(name, -1) for name in names.tolist()], dtype=np.int64)
    return Facts(
        dataset.expressions[rows],
        dataset.conditions[rows],
        subjects[rows],
        tuple(names.tolist()),
        predicted,
        of_subject[subjects[rows]],
    )


def colouring(key: str, known: Facts, folds: int) -> Colouring:
    """Of every sample under one of ``KEYS``, in the colours of the theme as it is now."""
    colours = theme.current()
    expressions = tuple(expression.title for expression in Expression)
    if key == "prediction":
        palette = (*theme.EXPRESSION_COLOURS, colours.dim)
        return _with_absent(known.predicted, expressions, palette)
    if key == "correct":
        right = np.where(known.predicted == known.expressions, 0, 1)
        codes = np.where(known.predicted < 0, -1, right)
        return _with_absent(codes, ("right", "wrong"), (colours.gain, colours.loss, colours.dim))
    if key == "condition":
        names = tuple(condition.title for condition in Condition)
        return Colouring(known.conditions, names, (colours.gain, colours.loss))
    if key == "subject":
        return Colouring(known.subjects, known.names, wheel(len(known.names)))
    if key == "fold":
        names = tuple(f"fold {number + 1}" for number in range(folds))
        return Colouring(known.folds.clip(0, max(0, folds - 1)), names, many(folds))
    return Colouring(known.expressions, expressions, theme.EXPRESSION_COLOURS)


def many(count: int) -> tuple[str, ...]:
    """As many colours, the seven that are told apart best if they are enough."""
    few = count <= len(theme.EXPRESSION_COLOURS)
    return theme.EXPRESSION_COLOURS[:count] if few else wheel(count)


def wheel(count: int) -> tuple[str, ...]:
    """As many different colours, neighbours far apart."""
    made = []
    for number in range(count):
        light = 0.42 + 0.11 * (number % 4)
        made.append(QColor.fromHslF((number * GOLDEN) % 1, 0.62, light).name())
    return tuple(made)


def _with_absent(codes: Codes, names: Sequence[str], palette: Sequence[str]) -> Colouring:
    """-1 becomes one more entry."""
    return Colouring(np.where(codes < 0, len(names), codes), (*names, ABSENT), tuple(palette))
