"""What box plots are drawn from: quartiles, whiskers, and who lies beyond them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ENDS = (5, 25, 50, 75, 95)  # percentiles: whisker, box, median, box, whisker
ROOM = 0.84  # of a group for its boxes
Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """Values, (n, groups); what is NaN is left out."""

    name: str
    colour: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Box:
    """One series in one group. Rows are those of the series' values."""

    series: int
    group: int
    x: float
    ends: Floats  # (5,), at ``ENDS``
    n: int
    beyond: Rows  # below or above the whiskers


def boxes(series: Sequence[Series]) -> list[Box]:
    """The quartiles of every series and group that has values."""
    found, wide = [], ROOM / max(1, len(series))
    for number, one in enumerate(series):
        for group in range(one.values.shape[1]):
            values = one.values[:, group]
            known = np.flatnonzero(~np.isnan(values))
            if len(known):
                ends = np.percentile(values[known], ENDS)
                out = (values[known] < ends[0]) | (values[known] > ends[-1])
                x = group - ROOM / 2 + (number + 0.5) * wide
                found.append(Box(number, group, x, ends, len(known), known[out]))
    return found
