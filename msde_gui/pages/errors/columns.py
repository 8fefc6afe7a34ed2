"""Columns that several error views share, and how their values read."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Expression
from engine.evaluation import error_analysis
from engine.evaluation.error_analysis import Hardship
from engine.experiment.predictions import Predictions
from msde_gui.pages.errors.inputs import ErrorInputs, Ids
from msde_gui.pages.errors.listing import ListingColumn, objects, titles

EXPRESSIONS = [expression.title for expression in Expression]
CONDITIONS = [condition.title for condition in Condition]


def images(n: int) -> str:
    return "1 image" if n == 1 else f"{n:,} images"


def whole(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def count(value: Any) -> str:
    return f"{int(value):,}"


def who(m: ErrorInputs, part: Predictions) -> tuple[ListingColumn, ...]:
    """Whose image it is, under which condition, and what it shows."""
    return (
        ListingColumn("Subject", m.subjects(part.samples), width=92),
        ListingColumn("Condition", part.conditions, titles(CONDITIONS), 90),
        ListingColumn("Truth", part.expressions, titles(EXPRESSIONS), 72),
    )


def answer(heading: str, part: Predictions, tip: str = "") -> ListingColumn:
    """What a run said; the wrong answers have a cross and come first."""
    right = ~error_analysis.wrong(part)
    return answer_column(heading, part.predicted, right, tip)


def answer_column(
    heading: str, answers: Ids, right: NDArray[np.bool_], tip: str = ""
) -> ListingColumn:
    """Answers with a tick or a cross."""
    return ListingColumn(heading, answers + len(EXPRESSIONS) * right, _mark, 84, tip)


def counts(heading: str, values: Sequence[int], width: int = 64) -> ListingColumn:
    return ListingColumn(heading, whole(values), count, width)


def under(found: Sequence[Hardship], condition: Condition) -> ListingColumn:
    """Wrong of all that a subject has under one condition, sorted by the share."""
    parts = [one.by_condition[condition] for one in found]
    values = objects([(wrong / max(1, of), wrong, of) for wrong, of in parts])
    return ListingColumn(condition.title.capitalize(), values, _of, 104)


def interval(found: Sequence[Hardship]) -> ListingColumn:
    values = objects([one.interval for one in found])
    return ListingColumn("95 % interval", values, _ends, 112, "Wilson's, of the error rate")


def folds(part: Predictions) -> ListingColumn:
    return ListingColumn("Fold", part.folds, lambda number: str(number + 1), 48)


def name_column(
    heading: str, values: Sequence[int], names: Sequence[str], width: int = 84
) -> ListingColumn:
    return ListingColumn(heading, whole(values), titles(names), width)


def wrong_column(heading: str, values: Sequence[int]) -> ListingColumn:
    """Wrong answers."""
    return ListingColumn(heading, whole(values), _mark, 100)


def _mark(value: Any) -> str:
    right, number = divmod(int(value), len(EXPRESSIONS))
    return f"{'✓' if right else '✗'} {EXPRESSIONS[number]}"


def _of(value: tuple[float, int, int]) -> str:
    return f"{value[1]} of {value[2]}" if value[2] else "–"


def _ends(value: tuple[float, float]) -> str:
    return f"{100 * value[0]:.0f}–{100 * value[1]:.0f} %"
