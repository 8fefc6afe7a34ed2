"""The nouns of the field: expressions, conditions, samples and the datasets they make."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


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


@dataclass(frozen=True)
class Dataset:
    """A named, immutable set of samples. Its columns are aligned with ``samples``."""

    name: str
    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        return np.array([sample.id for sample in self.samples], dtype=np.int64)

    @cached_property
    def expressions(self) -> NDArray[np.int64]:
        return np.array([sample.expression for sample in self.samples], dtype=np.int64)

    @cached_property
    def conditions(self) -> NDArray[np.int64]:
        return np.array([sample.condition for sample in self.samples], dtype=np.int64)

    @cached_property
    def subjects(self) -> NDArray[np.str_]:
        return np.array([sample.subject for sample in self.samples], dtype=np.str_)

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of each sample id."""
        return {sample.id: row for row, sample in enumerate(self.samples)}

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every image and label: equal only for equal content."""
        content = hashlib.sha256()
        for sample in self.samples:
            labels = f"{sample.subject}\0{sample.expression}\0{sample.condition}\0{sample.pair}"
            content.update(f"{sample.id}\0{sample.sha256}\0{labels}\n".encode())
        return content.hexdigest()

    def up_to(self, last: int) -> "Dataset":
        """The samples whose id is at most ``last``: the study as it was then."""
        return Dataset(self.name, tuple(s for s in self.samples if s.id <= last))

    def counts(self) -> NDArray[np.int64]:
        """Samples by expression and condition, (7, 2)."""
        table = np.zeros((len(Expression), len(Condition)), dtype=np.int64)
        np.add.at(table, (self.expressions, self.conditions), 1)
        return table

    def pairs(self) -> NDArray[np.int64]:
        """Rows of each pair's non-masked and masked sample, (n, 2)."""
        rows: dict[str, dict[int, int]] = {}
        for row, sample in enumerate(self.samples):
            if sample.pair:
                rows.setdefault(sample.pair, {})[sample.condition] = row
        whole = [[pair[0], pair[1]] for pair in rows.values() if len(pair) == len(Condition)]
        return np.array(whole, dtype=np.int64).reshape(-1, 2)
