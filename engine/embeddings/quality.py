"""How far a picture of features can be trusted: three numbers of both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10
MOST = 4000  # samples whose distances are all computed; of more, so many are drawn

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Structure:
    """How one set of positions is ordered. A number is absent where there is too little for it."""

    silhouette: float | None  # of expressions: 1 apart, 0 touching, negative mixed up
    purity: float | None  # share of a sample's 10 nearest that show its expression
    pair_distance: float | None  # median masked to partner, over median between any two samples


@dataclass(frozen=True)
class Measures:
    """Measured on held-out samples: those of training lie apart in any network that learnt them."""

    features: Structure  # in all their dimensions
    picture: Structure
    samples: int  # held out
    pairs: int  # of them
    trustworthiness: float | None = None  # 1: all near in the picture are near in the features


def structure(values: NDArray[np.float32], expressions: Rows, pairs: Rows) -> Structure:
    """``values`` (n, d) and ``expressions`` (n,) are aligned; ``pairs`` (m, 2) are rows of them.

    Distances are Euclidean. Above ``MOST`` samples, those that count are drawn, always alike.
    """
    if len(values) < 2:
        return Structure(None, None, None)
    chosen = _draw_rows(len(values))
    distances = _distances(values[chosen])
    shown = expressions[chosen]
    return Structure(
        silhouette(distances, shown), purity(distances, shown), _pairs(values, pairs, distances)
    )


def silhouette(distances: NDArray[np.float32], groups: Rows) -> float | None:
    """The mean over samples of Rousseeuw's s(i) (1987); 0 for one alone in its group.

    Absent unless there are two groups, one of them with two samples.
    """
    names, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group)
    if len(names) < 2 or sizes.max() < 2:
        return None
    member = np.eye(len(names), dtype=np.float64)[group]
    sums = distances @ member
    own = sizes[group]
    rows = np.arange(len(group))
    within = sums[rows, group] / np.maximum(own - 1, 1)
    others = sums / sizes
    others[rows, group] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(within, nearest)
    values = np.where((own > 1) & (larger > 0), (nearest - within) / np.where(larger, larger, 1), 0)
    return float(values.mean())


def purity(
    distances: NDArray[np.float32], groups: Rows, neighbours: int = NEIGHBOURS
) -> float | None:
    """The share of each sample's nearest others in its own group, averaged.

    All others count where there are fewer than ``neighbours``.
    """
    k = min(neighbours, len(groups) - 1)
    if k < 1:
        return None
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    nearest = np.argpartition(others, k - 1, axis=1)[:, :k]
    return float((groups[nearest] == groups[:, None]).mean())


def trustworthiness(
    values: NDArray[np.float32], points: NDArray[np.float32], neighbours: int = NEIGHBOURS
) -> float | None:
    """How far neighbours in ``points`` (n, 2) are some in ``values`` (n, d): 0 to 1.

    Trustworthiness after Venna and Kaski (2001). Absent for so few samples that it has no scale.
    """
    chosen = _draw_rows(len(values))
    n, k = len(chosen), neighbours
    if n <= 2 * k:
        return None
    near = _distances(points[chosen])
    np.fill_diagonal(near, np.inf)
    nearest = np.argpartition(near, k - 1, axis=1)[:, :k]
    far = _distances(values[chosen])
    np.fill_diagonal(far, -1)  # a sample comes before its neighbours, which count from 1
    ranks = np.empty((n, n), dtype=np.int64)
    np.put_along_axis(ranks, np.argsort(far, axis=1), np.arange(n)[None], axis=1)
    beyond = np.maximum(np.take_along_axis(ranks, nearest, axis=1) - k, 0).sum()
    return float(1 - 2 * beyond / (n * k * (2 * n - 3 * k - 1)))


def _pairs(
    values: NDArray[np.float32], pairs: Rows, distances: NDArray[np.float32]
) -> float | None:
    """Absent without pairs, or where samples coincide."""
    usual = float(np.median(distances[np.triu_indices(len(distances), 1)]))
    if not len(pairs) or usual == 0:
        return None
    apart = np.linalg.norm(values[pairs[:, 1]] - values[pairs[:, 0]], axis=1)
    return float(np.median(apart)) / usual


def _draw_rows(n: int) -> Rows:
    if n <= MOST:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, MOST, replace=False))


def _distances(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of every two rows, (n, n)."""
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    squares = (centred**2).sum(axis=1)
    products = squares[:, None] + squares[None, :] - 2 * centred @ centred.T
    np.fill_diagonal(products, 0)
    return np.asarray(np.sqrt(products.clip(0)), dtype=np.float32)
