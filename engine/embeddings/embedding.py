"""Pictures of features as plain data: points, what they were made from, how far to trust them.

This module is light: it imports neither torch nor what embeds.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from engine.domain import Failure
from engine.embeddings.quality import Measures
from engine.events import Event
from engine.store.columns import TEXT, Column, load_columns, save_columns
from engine.store.files import Newer
from engine.system.validation import adapter

_COLUMNS = {
    "samples": Column("<i8", low=0, distinct=True),
    "held_out": Column("|b1"),
    "points": Column("<f4", ("n", 2)),
    "start": Column("<f4", ("n", 2)),
}


@dataclass(frozen=True)
class Embedding:
    """The samples under the network of one fold of one run. Columns are aligned."""

    run: str
    fold: int
    embedding: str
    seed: int
    settings: dict[str, Any]  # all of them, as the embedding's ``Settings`` reads them
    version: str  # of the library that made it
    samples: NDArray[np.int64]  # ids
    held_out: NDArray[np.bool_]  # False: the network trained on that subject
    points: NDArray[np.float32]  # (n, 2)
    measures: Measures
    start: NDArray[np.float32] | None = None  # (n, 2): where the points were at first

    def __len__(self) -> int:
        return len(self.samples)


@dataclass(frozen=True, eq=False)
class Embedded:
    """An embedding as it looks after so many of its steps."""

    step: int
    total: int
    points: NDArray[np.float32]  # (n, 2), never changed


@dataclass(frozen=True, eq=False)
class EmbeddingStarted:
    """From now on each ``Embedded`` is of this run."""

    run: str
    samples: NDArray[np.int64]  # ids
    held_out: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class EmbeddingEnded:
    """The embedding of a run is whole."""

    picture: Embedding


@dataclass(frozen=True)
class EmbeddingRequest:
    """Pictures of the features of runs, side by side: the others are laid onto the first."""

    runs: tuple[str, ...]  # ids
    fold: int = 0
    embedding: str = "tsne"
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)  # those unlike the defaults
    kept: bool = False  # only pictures that need not be computed


@dataclass(frozen=True)
class EmbeddingAnswer:
    """What an ``EmbeddingRequest`` brought."""

    runs: tuple[str, ...]  # those that have a picture now
    missing: tuple[str, ...]  # those that have none since only kept ones count
    unread: tuple[str, ...]  # sentences on images that are in no picture
    notes: tuple[str, ...]  # on runs


ReportFrames = Callable[[Event | Embedded], None]


@dataclass(frozen=True)
class _Facts:
    """What a file keeps besides columns."""

    run: str
    fold: Annotated[int, Field(ge=0)]
    embedding: str
    seed: int
    settings: dict[str, Any]
    version: str
    measures: Measures
    key: str


def write(picture: Embedding, key: str, file: Path) -> None:
    """Store it whole or not at all; ``key`` says what it was made from."""
    facts = {name: value for name, value in asdict(picture).items() if name not in _COLUMNS}
    columns = {name: getattr(picture, name) for name in _COLUMNS}
    document = json.dumps({**facts, "key": key}, ensure_ascii=False)
    save_columns(file, {"facts": document, **columns})


def read(file: Path) -> tuple[Embedding, str]:
    """The picture and its key. Raises ``Failure`` for a file that is missing or damaged."""
    try:
        columns: dict[str, Any] = {**load_columns(file, {"facts": Column(TEXT), **_COLUMNS})}
        facts: _Facts = adapter(_Facts).validate_json(str(columns.pop("facts")), strict=True)
    except Newer:
        raise
    except (Failure, ValidationError) as error:
        raise Failure(f"The picture in {file} cannot be read: embed the run again.") from error
    said = {name: value for name, value in vars(facts).items() if name != "key"}
    return Embedding(**said, **columns), facts.key
