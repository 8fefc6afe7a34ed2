"""The colour of each sample under one key, and what each colour means."""

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Dataset, Expression, Failure
from engine.embeddings.colours import CONDITIONS, EXPRESSIONS, UNKNOWN
from engine.experiment.predictions import Predictions

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
    """What is known of the samples of a picture, aligned with them."""

    expressions: Codes
    conditions: Codes
    subjects: Codes  # rows of ``names``
    names: tuple[str, ...]  # of every subject in the dataset
    predicted: Codes  # -1: no prediction
    folds: Codes  # -1: never held out


def check_key(key: str) -> None:
    """Raise ``Failure`` that lists the keys for an unknown one."""
    if key not in KEYS:
        raise Failure(f"There is no colouring by “{key}”: choose one of {', '.join(KEYS)}.")


def facts(
    dataset: Dataset, samples: Codes, said: Predictions | None, fold_of: Mapping[str, int]
) -> Facts:
    """``said`` is what the run predicted of samples it had not trained on."""
    rows = np.searchsorted(dataset.ids, samples)
    spelt = dataset.subjects.tolist()
    names = tuple(sorted(set(spelt)))
    number_of = {name: number for number, name in enumerate(names)}
    subjects = np.array([number_of[spelt[row]] for row in rows.tolist()], dtype=np.int64)
    of_subject = np.array([fold_of.get(name, -1) for name in names], dtype=np.int64)
    return Facts(
        dataset.expressions[rows],
        dataset.conditions[rows],
        subjects,
        names,
        _find_predicted(samples, said),
        of_subject[subjects],
    )


def _find_predicted(samples: Codes, said: Predictions | None) -> Codes:
    """What each sample was taken for; -1 without a prediction."""
    if said is None:
        return np.full(len(samples), -1, dtype=np.int64)
    last = max(ids.max(initial=0) for ids in (samples, said.samples))
    answers = np.full(1 + last, -1, dtype=np.int64)  # by id
    answers[said.samples] = said.predicted
    return answers[samples]


def colouring(key: str, known: Facts, folds: int) -> Colouring:
    """Of every sample under one of ``KEYS``, for print."""
    expressions = tuple(expression.title for expression in Expression)
    if key == "prediction":
        return _with_absent(known.predicted, expressions, (*EXPRESSIONS, UNKNOWN))
    if key == "correct":
        right = np.where(known.predicted == known.expressions, 0, 1)
        codes = np.where(known.predicted < 0, -1, right)
        return _with_absent(codes, ("right", "wrong"), (*CONDITIONS, UNKNOWN))
    if key == "condition":
        names = tuple(condition.title for condition in Condition)
        return Colouring(known.conditions, names, CONDITIONS)
    if key == "subject":
        return Colouring(known.subjects, known.names, wheel(len(known.names)))
    if key == "fold":
        names = tuple(f"fold {number + 1}" for number in range(folds))
        return Colouring(known.folds.clip(0, max(0, folds - 1)), names, many(folds))
    return Colouring(known.expressions, expressions, EXPRESSIONS)


def entries(drawn: Sequence[Colouring]) -> list[tuple[int, str, str]]:
    """Of the legend: number, name, colour; none where there are too many to name."""
    longest = max(drawn, key=lambda one: len(one.names), default=None)
    if longest is None or len(drawn[0].names) > LISTED:
        return []
    listed = enumerate(zip(longest.names, longest.colours, strict=True))
    return [
        (number, name, colour)
        for number, (name, colour) in listed
        if name != ABSENT or any((one.codes == number).any() for one in drawn)
    ]


def many(count: int) -> tuple[str, ...]:
    """As many colours, the seven that are told apart best if they are enough."""
    return EXPRESSIONS[:count] if count <= len(EXPRESSIONS) else wheel(count)


@cache
def wheel(count: int) -> tuple[str, ...]:
    """As many different colours, neighbours far apart."""
    made = []
    for number in range(count):
        parts = colorsys.hls_to_rgb((number * GOLDEN) % 1, 0.42 + 0.11 * (number % 4), 0.62)
        made.append("#" + "".join(f"{round(255 * part):02x}" for part in parts))
    return tuple(made)


def _with_absent(codes: Codes, names: Sequence[str], palette: Sequence[str]) -> Colouring:
    """-1 becomes one more entry."""
    return Colouring(np.where(codes < 0, len(names), codes), (*names, ABSENT), tuple(palette))
