"""What the engine found of where runs look, as the view shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.attention.region_shares import density
from engine.domain import Condition, Expression, Region
from engine.system.json_arrays import unpack

Floats = NDArray[np.float64]
REGIONS = tuple(region.title for region in Region)


@dataclass(frozen=True, eq=False)
class AttentionAnswer:
    """Aligned rows, one for each face; a map without energy has shares of NaN."""

    document: Mapping[str, Any]  # as ``engine.attention.document`` makes it
    samples: NDArray[np.int64]  # ids, (n,)
    areas: Floats  # (n, 8)
    shares: Mapping[str, Floats]  # by run, (n, 8)
    targets: Mapping[str, NDArray[np.int64]]
    cells: tuple[tuple[Expression, Condition], ...]  # k
    counts: tuple[int, ...]  # faces in each average
    faces: NDArray[np.uint8]  # (k, size, size, 3)
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

    def values(self, run: str, *, dense: bool) -> Floats:
        """Percent of the map's energy, or energy over area; NaN where a face has no such region."""
        if dense:
            return density(self.shares[run], self.areas)
        return np.where(self.areas > 0, 100 * self.shares[run], np.nan)

    def chance(self, *, dense: bool) -> tuple[float, ...]:
        """What a map without preference would give, by region; NaN where no face has it."""
        columns = (column[column > 0] for column in self.areas.T)
        known = [100 * float(np.median(c)) if len(c) else np.nan for c in columns]
        return tuple(1.0 if dense and one > 0 else one for one in known)


def read(answer: Mapping[str, Any]) -> AttentionAnswer:
    """Of an answer of ``engine.analysis.attention``."""
    arrays = ("samples", "areas", "shares", "targets", "faces", "means")
    return AttentionAnswer(
        {key: value for key, value in answer.items() if key not in arrays},
        unpack(answer["samples"]),
        unpack(answer["areas"]),
        {run: unpack(one) for run, one in answer["shares"].items()},
        {run: unpack(one) for run, one in answer["targets"].items()},
        tuple((Expression(e), Condition(c)) for e, c in answer["cells"]),
        tuple(answer["counts"]),
        unpack(answer["faces"]),
        {run: _relative(unpack(one)) for run, one in answer["means"].items()},
    )


def _relative(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Units differ between runs: over the run's own mean they are comparable."""
    mean = float(maps.mean()) if maps.size else 0.0
    return maps / mean if mean > 0 else maps
