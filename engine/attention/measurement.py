"""What was measured of one run, and the columns as which a file keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.attention.average_faces import Averaged
from engine.attention.average_heatmaps import Cell
from engine.attention.region_shares import Shares
from engine.domain import Condition, Expression, Failure, Region
from engine.store.columns import TEXT, Column
from engine.store.study import Skipped
from engine.system.validation import adapter

ROUNDING = 1e-6  # of the sum of eight shares
COLUMNS = {
    "samples": Column("<i8", low=0, distinct=True),
    "shares": Column("<f8", ("n", len(Region)), low=0, high=1, gaps=True),
    "areas": Column("<f8", ("n", len(Region)), low=0, high=1),
    "exact": Column("|b1"),
    "targets": Column("<i8", low=0, high=len(Expression) - 1),
    "broken": Column("<i8", ("broken",), low=0, distinct=True),
    "grid": Column("<i8", (2,), low=1),
    "cells": Column("<i8", ("cells", 2), low=0),
    "n": Column("<i8", ("cells",), low=1),
    "faces": Column("|u1", ("cells", "side", "side", 3)),
    "maps": Column("<f4", ("cells", "side", "side"), low=0),
    "words": Column(TEXT),
}


@dataclass(frozen=True)
class MeasuredRun:
    """One run on its own; aligned columns, one row for each face that was found."""

    samples: NDArray[np.int64]  # ids
    shares: Shares  # (n, 8)
    areas: Shares  # (n, 8)
    exact: NDArray[np.bool_]
    targets: NDArray[np.int64]
    grid: tuple[int, int]
    layer: str
    means: Mapping[Cell, Averaged]
    skipped: tuple[Skipped, ...]
    broken: tuple[int, ...]  # ids of images that could not be read: some of it is without them


@dataclass(frozen=True)
class _Words:
    """What a file keeps besides numbers."""

    layer: str
    skipped: list[Skipped]


def to_columns(one: MeasuredRun) -> dict[str, NDArray[Any]]:
    """Without pickled objects."""
    plain = {name: getattr(one, name) for name in ("samples", "shares", "areas", "exact")}
    means = list(one.means.values())
    side = len(means[0].image) if means else 0
    images = np.array([mean.image for mean in means]).reshape(len(means), side, side, 3)
    maps = np.array([mean.values for mean in means], dtype=np.float32)
    words = asdict(_Words(one.layer, list(one.skipped)))
    return plain | {
        "targets": one.targets,
        "broken": np.array(one.broken, dtype=np.int64),
        "grid": np.array(one.grid),
        "cells": np.array(list(one.means), dtype=np.int64).reshape(-1, 2),
        "n": np.array([mean.n for mean in means], dtype=np.int64),
        "faces": images.round().astype(np.uint8),
        "maps": maps.reshape(len(means), side, side),
        "words": np.array(json.dumps(words)),
    }


def from_columns(found: Mapping[str, NDArray[Any]]) -> MeasuredRun:
    """Of ``to_columns``. Raises ``Failure`` for what it cannot have made."""
    try:
        words: _Words = adapter(_Words).validate_json(str(found["words"]), strict=True)
        cells = [(Expression(e), Condition(c)) for e, c in found["cells"].tolist()]
    except ValueError as error:
        raise Failure("What was measured is damaged: it is measured anew.") from error
    whole = found["areas"].sum(axis=1), np.nan_to_num(found["shares"].sum(axis=1), nan=1)
    if (abs(np.concatenate(whole) - 1) > ROUNDING).any():
        raise Failure("The shares of what was measured do not sum to 1: it is measured anew.")
    faces, maps, n = found["faces"].astype(np.float32), found["maps"], found["n"].tolist()
    return MeasuredRun(
        found["samples"],
        found["shares"],
        found["areas"],
        found["exact"],
        found["targets"],
        (int(found["grid"][0]), int(found["grid"][1])),
        words.layer,
        {cell: Averaged(faces[k], maps[k], n[k]) for k, cell in enumerate(cells)},
        tuple(words.skipped),
        tuple(found["broken"].tolist()),
    )
