"""How much of a map lies on each part of a face."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.domain import Region
from engine.explanation.heatmap import enlarge
from engine.faces.regions import Regions

Shares = NDArray[np.float64]  # (n, 8), in the order of ``Region``


def shares(values: NDArray[np.float32], regions: Sequence[Regions]) -> Shares:
    """Each region's share of a map's energy; every row sums to 1.

    ``values`` (n, h, w) are enlarged, bilinear, onto the pixels of each of the n maps of regions.
    What is below 0 is taken as 0. The row of a map without energy is NaN.
    """
    rows = [share(one, parts) for one, parts in zip(values, regions, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(-1, len(Region))


def share(values: NDArray[np.float32], regions: Regions) -> Shares:
    """The share of one map's energy on each region, (h, w) -> (8,)."""
    energy = np.maximum(enlarge(values, *regions.shape), 0).astype(np.float64)
    sums = np.bincount(regions.ravel(), energy.ravel(), minlength=len(Region))
    total = sums.sum()
    return np.asarray(sums / total if total > 0 else np.full(len(Region), np.nan))


def areas(regions: Regions) -> Shares:
    """Each region's share of the image's pixels, (8,)."""
    counts = np.bincount(regions.ravel(), minlength=len(Region))
    return np.asarray(counts / regions.size, dtype=np.float64)


def density(energy: Shares, area: Shares) -> Shares:
    """Energy over area: 1 as the image's mean, NaN where an image has no such region."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(area > 0, energy / area, np.nan)


def values(energy: Shares, area: Shares, *, dense: bool) -> Shares:
    """Percent of a map's energy, or energy over area; NaN where a face has no such region."""
    return density(energy, area) if dense else np.where(area > 0, 100 * energy, np.nan)


def chance(area: Shares, *, dense: bool) -> tuple[float, ...]:
    """The value of a map without preference, by region; NaN where no face has it."""
    columns = (column[column > 0] for column in area.T)
    known = [100 * float(np.median(column)) if len(column) else np.nan for column in columns]
    return tuple(1.0 if dense and one > 0 else one for one in known)
