"""What was measured of one run, and the columns as which a file keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.attention.averaging import Cell
from engine.domain import Condition, Expression
from engine.faces.average import Averaged
from engine.faces.shares import Shares
from engine.store.study import Skipped


@dataclass(frozen=True)
class Looked:
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


def to_columns(one: Looked) -> dict[str, NDArray[Any]]:
    """Without pickled objects."""
    plain = {name: getattr(one, name) for name in ("samples", "shares", "areas", "exact")}
    means = list(one.means.values())
    words = {
        "layer": one.layer,
        "skipped": [asdict(skipped) for skipped in one.skipped],
    }
    return plain | {
        "targets": one.targets,
        "broken": np.array(one.broken, dtype=np.int64),
        "grid": np.array(one.grid),
        "cells": np.array(list(one.means), dtype=np.int64).reshape(-1, 2),
        "n": np.array([mean.n for mean in means], dtype=np.int64),
        "faces": np.array([mean.image for mean in means]).round().astype(np.uint8),
        "maps": np.array([mean.values for mean in means], dtype=np.float32),
        "words": np.array(json.dumps(words)),
    }


def from_columns(found: Mapping[str, NDArray[Any]]) -> Looked:
    """Of ``to_columns``."""
    words = json.loads(str(found["words"]))
    faces, maps, n = found["faces"].astype(np.float32), found["maps"], found["n"].tolist()
    cells = [(Expression(e), Condition(c)) for e, c in found["cells"].tolist()]
    return Looked(
        found["samples"],
        found["shares"],
        found["areas"],
        found["exact"],
        found["targets"],
        (int(found["grid"][0]), int(found["grid"][1])),
        words["layer"],
        {cell: Averaged(faces[k], maps[k], n[k]) for k, cell in enumerate(cells)},
        tuple(Skipped(**one) for one in words["skipped"]),
        tuple(found["broken"].tolist()),
    )
