"""The nouns of the field: expressions, conditions, samples and the datasets they make."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

MOST_FOLDS = 1_000  # of a run: each trains a network
MOST_SEED = 2**32 - 1  # that numpy, scikit-learn and UMAP all take


class Failure(Exception):
    """Something the user can mend: one sentence that names the file or value and what to do."""


class Expression(IntEnum):
    """What the face shows, in the paper's order. *Neutral* is an expression."""

    SURPRISE = 0
    FEAR = 1
    DISGUST = 2
    HAPPY = 3
    SAD = 4
    ANGER = 5
    NEUTRAL = 6

    @property
    def title(self) -> str:
        return self.name.lower()


class Condition(IntEnum):
    """Whether the face wears a mask."""

    NON_MASKED = 0
    MASKED = 1

    @property
    def title(self) -> str:
        return self.name.lower().replace("_", "-")

    @property
    def short(self) -> str:
        return "nm" if self is Condition.NON_MASKED else "m"


class Region(IntEnum):
    """What a pixel shows; the values of a face's map of regions.

    Hair, glasses (their lenses too, if they are dark), neck, clothes and background are outside;
    ears are cheeks where an exact map shows them.
    """

    MASK = 0
    MOUTH = 1
    NOSE = 2
    CHEEKS = 3
    EYES = 4
    BROWS = 5
    FOREHEAD = 6
    OUTSIDE = 7

    @property
    def title(self) -> str:
        return self.name.lower()


def find_expression(title: str) -> Expression:
    """Raises ``Failure`` that lists the expressions for an unknown one."""
    known = {expression.title: expression for expression in Expression}
    if title.lower() not in known:
        raise Failure(f"There is no expression “{title}”: choose one of {', '.join(known)}.")
    return known[title.lower()]


def find_condition(text: str) -> Condition:
    """Of its title or its short name. Raises ``Failure`` for another text."""
    for condition in Condition:
        if text.lower() in (condition.short, condition.title):
            return condition
    raise Failure(f"“{text}” is neither nm nor m.")


UPPER = (Region.EYES, Region.BROWS, Region.FOREHEAD)  # what a mask leaves free


@dataclass(frozen=True, slots=True)
class Sample:
    """One image. ``id`` is the study's number for it; ``pair`` is shared by both of a pair."""

    id: int
    file: Path
    subject: str
    expression: Expression
    condition: Condition
    pair: str = ""  # empty: the image has no partner
    dataset: str = ""
    sha256: str = ""


Row = tuple[int, str, str, int, int, str, str, str]  # a sample's fields; file and labels plain
_PLACES = {field.name: place for place, field in enumerate(fields(Sample))}


class Samples(Sequence[Sample]):
    """Samples as a store keeps them, in rows: each is made when it is asked for.

    Half a million are opened in a second that way, and few of them are ever looked at singly.
    """

    def __init__(self, rows: Sequence[Row], folder: Path) -> None:
        """``folder`` is where relative files lie."""
        self._rows, self._folder = rows, folder

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Sample]:
        return map(self._made, self._rows)

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> "Samples": ...
    def __getitem__(self, place: int | slice) -> "Sample | Samples":
        if isinstance(place, slice):
            return Samples(self._rows[place], self._folder)
        return self._made(self._rows[place])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Samples | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def column(self, name: str) -> list[Any]:
        """One field of every sample; files and labels as plain text and numbers."""
        place = _PLACES[name]
        return [row[place] for row in self._rows]

    def _made(self, row: Row) -> Sample:
        number, file, subject, expression, condition, pair, dataset, sha256 = row
        return Sample(
            id=number,
            file=self._folder / file,  # an absolute path stays what it is
            subject=subject,
            expression=Expression(expression),
            condition=Condition(condition),
            pair=pair,
            dataset=dataset,
            sha256=sha256,
        )


@dataclass(frozen=True)
class Dataset:
    """A named, immutable set of samples in the order of their ids, its columns aligned."""

    name: str
    samples: Sequence[Sample]

    def __len__(self) -> int:
        return len(self.samples)

    def column(self, name: str) -> Sequence[Any]:
        """One field of every sample."""
        if isinstance(self.samples, Samples):
            return self.samples.column(name)
        return list(map(attrgetter(name), self.samples))

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        return np.array(self.column("id"), dtype=np.int64)

    @cached_property
    def expressions(self) -> NDArray[np.int64]:
        return np.array(self.column("expression"), dtype=np.int64)

    @cached_property
    def conditions(self) -> NDArray[np.int64]:
        return np.array(self.column("condition"), dtype=np.int64)

    @cached_property
    def subjects(self) -> NDArray[np.str_]:
        return np.array(self.column("subject"), dtype=np.str_)

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each sample id."""
        return dict(zip(self.ids.tolist(), range(len(self)), strict=True))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every image and label: equal only for equal content."""
        names = ("id", "sha256", "subject", "expression", "condition", "pair")
        content = hashlib.sha256()
        for values in zip(*map(self.column, names), strict=True):
            content.update("{}\0{}\0{}\0{:d}\0{:d}\0{}\n".format(*values).encode())
        return content.hexdigest()

    def up_to(self, last: int) -> "Dataset":
        """The samples whose id is at most ``last``: the study as it was then."""
        known = int(np.searchsorted(self.ids, last, side="right"))
        return self if known == len(self) else Dataset(self.name, self.samples[:known])

    def given(self, name: str, last: int) -> "Dataset":
        """What a run was given: one import (empty: all) up to an id; told from the whole study."""
        if (name, last) not in self._given:
            chosen = self
            if name:
                chosen = Dataset(name, tuple(one for one in self.samples if one.dataset == name))
            self._given[name, last] = chosen.up_to(last)
        return self._given[name, last]

    def counts(self) -> NDArray[np.int64]:
        """Samples by expression and condition, (7, 2)."""
        table = np.zeros((len(Expression), len(Condition)), dtype=np.int64)
        np.add.at(table, (self.expressions, self.conditions), 1)
        return table

    def pairs(self) -> NDArray[np.int64]:
        """Rows of each pair's non-masked and masked sample, (n, 2)."""
        return self._pairs

    @cached_property
    def partner_of(self) -> dict[int, int]:
        """The row of the other sample of the pair, by row; only for samples that have one."""
        both = np.concatenate([self._pairs, self._pairs[:, ::-1]])
        return dict(both.tolist())

    @cached_property
    def _given(self) -> dict[tuple[str, int], "Dataset"]:
        """Kept, since a fingerprint of half a million samples takes a second."""
        return {}

    @cached_property
    def _pairs(self) -> NDArray[np.int64]:
        numbers: dict[str, int] = {"": 0}  # of each pair, by when it first appears
        of_row = np.array(
            [numbers.setdefault(pair, len(numbers)) for pair in self.column("pair")],
            dtype=np.int64,
        )
        rows = np.full((len(numbers), len(Condition)), -1, dtype=np.int64)
        rows[of_row, self.conditions] = np.arange(len(self))
        rows[0] = -1  # an image without a partner
        return rows[(rows >= 0).all(axis=1)]
