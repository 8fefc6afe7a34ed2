"""Make the paper's tables again on a study: lay out the runs, and compare the numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain import Expression, Failure
from engine.execution.order import due
from engine.planning import Choices, design, reuse
from engine.published import AVERAGE, TABLES, Row
from engine.store.runs import Run, State
from engine.store.study import Study

ALL = "all"
Scores = Callable[[Run], Mapping[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """How the runs are to be made. One preset serves a whole table."""

    preset: str = "paper"
    seed: int = 0
    folds: int = 0  # 0: as the preset has it
    dataset: str = ""
    weights: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)  # of the training, for every method


@dataclass(frozen=True)
class Line:
    """A row of a table and the run that fills it."""

    row: Row
    run: Run


@dataclass(frozen=True)
class Cell:
    """In percent; ``interval`` is of the pooled accuracy, by subjects."""

    paper: float | None
    ours: float | None
    interval: tuple[float, float] | None = None


def names(table: str) -> list[str]:
    """The tables that ``table`` asks for. Raises ``Failure`` that lists them."""
    if table != ALL and table not in TABLES:
        raise Failure(f"There is no “{table}”: choose one of {', '.join(TABLES)}, {ALL}.")
    return list(TABLES) if table == ALL else [table]


def lay_out(study: Study, table: str, wanted: Wanted) -> dict[str, list[Line]]:
    """The run of every row, by table: those that the study has are used again.

    Raises ``Failure`` for what cannot work on this study, before any run is made.
    """
    rows = {name: TABLES[name].rows for name in names(table)}
    for row in (row for of_table in rows.values() for row in of_table):
        design(study, choices_of(row, wanted))
    return {
        name: [Line(row, reuse(study, choices_of(row, wanted))) for row in of_table]
        for name, of_table in rows.items()
    }


def todo(lines: Mapping[str, list[Line]]) -> list[Run]:
    """What is to be worked on, each run once, teachers before those they teach."""
    runs = [run for table in lines.values() for line in table for run in due(line.run)]
    return list({run.id: run for run in runs if run.state() is not State.FINISHED}.values())


def choices_of(row: Row, wanted: Wanted) -> Choices:
    """What is to be trained for a row."""
    return Choices(
        method=row.method,
        train=row.train,
        preset=wanted.preset,
        seed=wanted.seed,
        folds=wanted.folds,
        dataset=wanted.dataset,
        weights=wanted.weights,
        changes={**row.settings, **wanted.changes},
    )


def cells(line: Line, columns: tuple[str, ...], scores: Scores) -> dict[str, Cell]:
    """By column; ours is absent until the run has finished a fold."""
    found = scores(line.run)
    return {column: _cell(line.row, column, found) for column in columns}


def document(lines: Mapping[str, list[Line]], scores: Scores) -> dict[str, Any]:
    """Plain data, for ``msde reproduce --json``."""
    return {name: _table_document(name, table, scores) for name, table in lines.items()}


def gains(name: str, lines: list[Line], scores: Scores) -> list[tuple[str, str, float, float]]:
    """Each row's gain over the first by column: (label, column, paper's, ours), in points."""
    columns = TABLES[name].columns
    first, *others = [(line.row.label, cells(line, columns, scores)) for line in lines]
    return [
        (label, column, theirs, ours)
        for label, row in others
        for column in columns
        for theirs, ours in [_gain(row[column], first[1][column])]
        if theirs is not None and ours is not None
    ]


def _cell(row: Row, column: str, scores: Mapping[str, Any]) -> Cell:
    theirs = row.values.get(column)
    of_expression = column in {expression.title for expression in Expression}
    score = scores.get(row.tested or AVERAGE if of_expression else column)
    if not score:
        return Cell(theirs, None)
    if of_expression:
        share = score["recall"].get(column)
        return Cell(theirs, None if share is None else 100 * share)
    interval = score.get("interval")
    ends = (100 * interval[0], 100 * interval[1]) if interval else None
    return Cell(theirs, 100 * score["accuracy"], ends)


def _gain(row: Cell, first: Cell) -> tuple[float | None, float | None]:
    def difference(one: float | None, other: float | None) -> float | None:
        return None if one is None or other is None else one - other

    return difference(row.paper, first.paper), difference(row.ours, first.ours)


def _table_document(name: str, lines: list[Line], scores: Scores) -> dict[str, Any]:
    table = TABLES[name]
    return {
        "title": table.title,
        "presets": sorted({line.run.experiment.preset for line in lines}),
        "rows": [
            {
                "label": line.row.label,
                "run": line.run.id,
                "state": line.run.state(),
                "cells": {
                    column: {"paper": cell.paper, "ours": cell.ours, "interval": cell.interval}
                    for column, cell in cells(line, table.columns, scores).items()
                },
            }
            for line in lines
        ],
        "gains": [
            {"label": label, "column": column, "paper": theirs, "ours": ours}
            for label, column, theirs, ours in gains(name, lines, scores)
        ],
        "notes": list(table.notes),
    }
