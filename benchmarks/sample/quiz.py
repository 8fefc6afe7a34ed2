"""Let a person name the expressions on a numbered sheet of faces, and score the answers.

``quiz --out SHEET.png`` writes the sheet and its key, ``SHEET.csv``. With ``--of-one`` each line
shows the seven faces of one subject in random order, as to somebody who has seen the face before.
``quiz --score ANSWERS.txt --key SHEET.csv`` reads a line a face, such as ``12 happy``. With the
predictions of a run (``msde scores RUN --predictions FILE.csv``) person and network are compared
on the same faces.
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from benchmarks.sample.answers import Asked, answers_in, compare, score
from benchmarks.sample.labelled import Labelled, read
from benchmarks.sample.outcome import Outcome, with_interval
from benchmarks.sample.pages import Grid, Page, enlarged
from engine.cli._output import table
from engine.data import tables
from engine.domain import Condition, Expression, Failure

TIMES = 2
ACROSS = 7
HEADING = 24  # px


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--faces", type=int, default=42)
    parser.add_argument("--condition", choices=["nm", "m", "both"], default="both")
    parser.add_argument("--of-one", action="store_true", help="a subject's faces in each line")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("quiz.png"))
    parser.add_argument("--score", type=Path, metavar="ANSWERS")
    parser.add_argument("--key", type=Path, default=Path("quiz.csv"))
    parser.add_argument("--predictions", type=Path, help="of a network, to compare with")


def measure(chosen: argparse.Namespace) -> Outcome:
    if chosen.score:
        return _scored(chosen.score, chosen.key, chosen.predictions)
    return _asked(chosen)


def pick(labelled: Labelled, n: int, seed: int) -> list[int]:
    """Rows in random order: each expression equally often, each subject as rarely as can be."""
    random = np.random.default_rng(seed)
    dataset, rows = labelled.dataset, list[int]()
    times = dict.fromkeys(dataset.subjects.tolist(), 0)
    for turn in range(n):
        fits = random.permutation(np.flatnonzero(dataset.expressions == turn % len(Expression)))
        free = [int(row) for row in fits if row not in rows]
        if not free:
            raise Failure(f"The folder has too few faces for a sheet of {n}.")
        rows.append(min(free, key=lambda row: times[dataset.samples[row].subject]))
        times[dataset.samples[rows[-1]].subject] += 1
    return [int(row) for row in random.permutation(rows)]


def pick_lines(labelled: Labelled, n: int, seed: int) -> list[int]:
    """Rows of random subjects in one condition, each with all its expressions in random order."""
    random = np.random.default_rng(seed)
    subjects = random.permutation(np.unique(labelled.dataset.subjects))[: n // ACROSS]
    of_each = (np.flatnonzero(labelled.dataset.subjects == one) for one in subjects)
    return [int(row) for rows in of_each for row in random.permutation(rows)]


def draw(labelled: Labelled, rows: Sequence[int], file: Path) -> None:
    """Numbered from 1, line by line."""
    width, height = (side * TIMES for side in labelled.image(rows[0]).size)
    grid = Grid(ACROSS, -(-len(rows) // ACROSS), (width, height + HEADING), gap=6)
    page = Page(grid)
    for place, row in enumerate(rows):
        line, column = divmod(place, ACROSS)
        x, y = grid.corner(column, line)
        page.write((x + width / 2, y + HEADING / 2), str(place + 1), HEADING - 6)
        page.put(column, line, enlarged(labelled.image(row), TIMES), HEADING)
    page.save(file)


def _asked(chosen: argparse.Namespace) -> Outcome:
    labelled = read(chosen.folder)
    labelled = labelled.where(labelled.column("set") == "main")
    if chosen.condition != "both":
        labelled = labelled.of(next(one for one in Condition if one.short == chosen.condition))
    if chosen.of_one and (chosen.condition == "both" or chosen.faces < ACROSS):
        raise Failure("A sheet --of-one needs --condition nm or m and at least 7 --faces.")
    rows = (pick_lines if chosen.of_one else pick)(labelled, chosen.faces, chosen.seed)
    draw(labelled, rows, chosen.out)
    samples = [labelled.dataset.samples[row] for row in rows]
    asked = [
        Asked(number, one.file.name, one.subject, one.expression.title, one.condition.title)
        for number, one in enumerate(samples, 1)
    ]
    key = chosen.out.with_suffix(".csv")
    with key.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(asdict(asked[0])))
        writer.writeheader()
        writer.writerows(asdict(one) for one in asked)
    told = f"{len(rows)} faces are in {chosen.out}; the key is {key}."
    return Outcome({"sheet": str(chosen.out), "key": str(key), "faces": len(rows)}, [told])


def _scored(file: Path, key: Path, predictions: Path | None) -> Outcome:
    asked = [Asked(int(row.pop("number")), **row) for row in _rows(key)]
    try:
        answers = answers_in(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
    scores = score(asked, answers)
    rows = [(name, f"{one['right']} of {one['n']}", _share(one)) for name, one in scores.items()]
    shown = [table("A person's answers", ("faces", "right", "% (95 % interval)"), rows)]
    document: dict[str, Any] = {"person": scores}
    if not predictions:
        return Outcome(document, shown)
    said = {PurePath(row["file"]).name: row["predicted"] for row in _rows(predictions)}
    document["comparison"] = found = compare(asked, answers, said)
    told = (
        f"The network: {_share(found['network'])} %. Only the person is right on "
        f"{found['only_person']}, only the network on {found['only_network']}, p {found['p']:.2g}."
    )
    return Outcome(document, [*shown, told])


def _rows(file: Path) -> list[dict[str, str]]:
    found = tables.read(file)
    return [dict(zip(found.columns, row, strict=True)) for _, row in found.rows]


def _share(one: dict[str, Any]) -> str:
    return with_interval(one["right"] / one["n"], one["interval"])
