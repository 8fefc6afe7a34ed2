"""Make the paper's tables again on a study: lay out the runs, and compare the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.domain import Expression, Failure
from engine.evaluation.scores import Scores
from engine.paper.evidence import Evidence
from engine.paper.tables import AVERAGE, TABLES, PaperRow, PaperTable
from engine.runs.planning import RunRequest, design, reuse
from engine.runs.teachers import due
from engine.store.runs import Run, State
from engine.store.study import Study

ALL = "all"
EXPRESSIONS = frozenset(expression.title for expression in Expression)


@dataclass(frozen=True)
class ReproductionRequest:
    """How the runs are to be made. One preset serves a whole table."""

    preset: str = "paper"
    seed: int = 0
    folds: int = 0  # 0: as the preset has it
    dataset: str = ""
    weights: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)  # of the training, for every method
    any_version: bool = False  # runs of a program that teaches otherwise are used again, too


@dataclass(frozen=True)
class TableLine:
    """A row of a table and the run that fills it."""

    row: PaperRow
    run: Run


@dataclass(frozen=True)
class TableCell:
    """In percent; ``interval`` is of the pooled accuracy, by subjects."""

    paper: float | None
    ours: float | None
    interval: tuple[float, float] | None = None


class Gain(NamedTuple):
    """How much a row is above the first one, in points."""

    label: str
    column: str
    paper: float
    ours: float
    interval: tuple[float, float] | None  # of ours: 95 %, by subjects, on the same images

    @property
    def verdict(self) -> str:
        """Ours has a direction only if its interval has no zero in it."""
        if self.interval is None or self.interval[0] <= 0 <= self.interval[1]:
            return "not distinguishable"
        return "same direction" if self.ours * self.paper > 0 else "OTHER direction"


def names(table: str) -> list[str]:
    """The tables that ``table`` asks for. Raises ``Failure`` that lists them."""
    if table != ALL and table not in TABLES:
        raise Failure(f"There is no “{table}”: choose one of {', '.join(TABLES)}, {ALL}.")
    return list(TABLES) if table == ALL else [table]


def lay_out(study: Study, table: str, wanted: ReproductionRequest) -> dict[str, list[TableLine]]:
    """The run of every row, by table: those that the study has are used again.

    Raises ``Failure`` for what cannot work on this study, before any run is made.
    """
    rows = {name: TABLES[name].rows for name in names(table)}
    for row in (row for of_table in rows.values() for row in of_table):
        design(study, choices_of(row, wanted))
    return {
        name: [TableLine(row, reuse(study, choices_of(row, wanted))) for row in of_table]
        for name, of_table in rows.items()
    }


def todo(lines: Mapping[str, list[TableLine]]) -> list[Run]:
    """What is to be worked on, each run once, teachers before those they teach."""
    runs = [run for table in lines.values() for line in table for run in due(line.run)]
    return list({run.id: run for run in runs if run.state() is not State.FINISHED}.values())


def choices_of(row: PaperRow, wanted: ReproductionRequest) -> RunRequest:
    """What is to be trained for a row."""
    return RunRequest(
        method=row.method,
        train=row.train,
        preset=wanted.preset,
        seed=wanted.seed,
        folds=wanted.folds,
        dataset=wanted.dataset,
        weights=wanted.weights,
        changes={**row.settings, **wanted.changes},
        any_version=wanted.any_version,
    )


def cells(table: PaperTable, line: TableLine, evidence: Evidence) -> dict[str, TableCell]:
    """By column; ours is absent until the run has finished a fold."""
    found = evidence.scores(line.run, table.paired)
    return {column: _cell(line.row, column, found) for column in table.columns}


def document(lines: Mapping[str, list[TableLine]], evidence: Evidence) -> dict[str, Any]:
    """Plain data, for ``msde reproduce --json``."""
    return {name: _table_document(TABLES[name], rows, evidence) for name, rows in lines.items()}


def gains(table: PaperTable, lines: list[TableLine], evidence: Evidence) -> list[Gain]:
    """Each row's gain over the first by column, where the paper and we have one."""
    first, *others = [(line, cells(table, line, evidence)) for line in lines]
    found = []
    for line, row in others:
        for column in table.columns:
            theirs, ours = _gain(row[column], first[1][column])
            if theirs is None or ours is None:
                continue
            ends = None
            if column not in EXPRESSIONS:
                ends = evidence.gain(first[0].run, line.run, column, table.paired)
            points = (100 * ends[0], 100 * ends[1]) if ends else None
            found.append(Gain(line.row.label, column, theirs, ours, points))
    return found


def _cell(row: PaperRow, column: str, scores: Scores) -> TableCell:
    theirs = row.values.get(column)
    of_expression = column in EXPRESSIONS
    score = scores.get(row.tested or AVERAGE if of_expression else column)
    if not score:
        return TableCell(theirs, None)
    if of_expression:
        share = score.recall.get(column)
        return TableCell(theirs, None if share is None else 100 * share)
    ends = (100 * score.interval[0], 100 * score.interval[1]) if score.interval else None
    return TableCell(theirs, 100 * score.accuracy, ends)


def _gain(row: TableCell, first: TableCell) -> tuple[float | None, float | None]:
    def difference(one: float | None, other: float | None) -> float | None:
        return None if one is None or other is None else one - other

    return difference(row.paper, first.paper), difference(row.ours, first.ours)


def _table_document(
    table: PaperTable, lines: list[TableLine], evidence: Evidence
) -> dict[str, Any]:
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
                    for column, cell in cells(table, line, evidence).items()
                },
                "versions": line.run.experiment.versions,
            }
            for line in lines
        ],
        "gains": [
            {**one._asdict(), "verdict": one.verdict} for one in gains(table, lines, evidence)
        ],
        "images": "pairs" if table.paired else "all",
        "notes": list(table.notes),
    }
