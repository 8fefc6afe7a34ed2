"""What the window asks of where runs look, and what it is told. This module is light."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.attention.region_shares import Shares, chance, values
from engine.domain import Condition, Expression
from engine.explanation.heatmap import HeatmapRequest


@dataclass(frozen=True)
class AttentionRequest:
    """Runs in the order they are shown. Empty texts do not narrow."""

    runs: tuple[str, ...] = ()  # ids
    condition: str = ""  # nm or m
    expression: str = ""  # a title
    target: str = "predicted"
    variant: str = "gradcam"
    layer: str = ""
    sanity: bool = False
    kept: bool = False  # answer only what need not be computed

    @property
    def asked(self) -> HeatmapRequest:
        return HeatmapRequest(self.variant, self.target, self.layer)


@dataclass(frozen=True, eq=False)
class AttentionFound:
    """Aligned rows, one for each face; a map without energy has shares of NaN."""

    document: Mapping[str, Any]  # as ``engine.attention.document`` makes it, with notes on runs
    samples: NDArray[np.int64]  # ids, (n,)
    areas: Shares  # (n, 8)
    shares: Mapping[str, Shares]  # by run, (n, 8)
    targets: Mapping[str, NDArray[np.int64]]
    cells: tuple[tuple[Expression, Condition], ...]  # k
    counts: tuple[int, ...]  # faces in each average
    faces: NDArray[np.uint8]  # (k, size, size, 3), the same for all runs
    means: Mapping[str, NDArray[np.float32]]  # by run, (k, size, size): times the run's own mean

    @property
    def runs(self) -> tuple[str, ...]:
        return tuple(self.shares)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those that there are average faces of."""
        return tuple(c for c in Condition if any(cell[1] is c for cell in self.cells))

    @property
    def peak(self) -> float:
        """The highest value of all mean maps."""
        return max((float(maps.max()) for maps in self.means.values() if maps.size), default=0.0)

    def values(self, run: str, *, dense: bool) -> Shares:
        """Percent of the map's energy, or energy over area; NaN where a face has no such region."""
        return values(self.shares[run], self.areas, dense=dense)

    def chance(self, *, dense: bool) -> tuple[float, ...]:
        """What a map without preference would give, by region; NaN where no face has it."""
        return chance(self.areas, dense=dense)


@dataclass(frozen=True, eq=False)
class AttentionAnswer:
    """Nothing is found if too little is kept and only kept things count."""

    layers: tuple[str, ...]  # where the networks of all the runs can be looked into
    found: AttentionFound | None = None
