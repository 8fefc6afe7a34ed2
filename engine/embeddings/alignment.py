"""Procrustes alignment: turn, mirror, scale and shift a picture until it lies best on another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.embeddings.algorithms.base import Points


@dataclass(frozen=True)
class Similarity:
    """A map that keeps shapes: rotation or reflection, one scale for both axes, translation."""

    turn: NDArray[np.float64]  # (2, 2), orthogonal
    scale: float
    origin: NDArray[np.float64]  # (2,): what lies here …
    target: NDArray[np.float64]  # … comes to lie here

    def __call__(self, points: Points) -> Points:
        moved = self.scale * (points.astype(np.float64) - self.origin) @ self.turn + self.target
        return np.asarray(moved, dtype=np.float32)


def similarity(moving: Points, fixed: Points) -> Similarity:
    """The map that brings ``moving`` onto ``fixed``, aligned (n, 2).

    The turn is the orthogonal Procrustes solution (Schönemann 1966). The scale makes both equally
    large: the least-squares one would shrink a picture the more, the less the two are alike.
    """
    a, b = moving.astype(np.float64), fixed.astype(np.float64)
    origin, target = a.mean(axis=0), b.mean(axis=0)
    a, b = a - origin, b - target
    left, _, right = np.linalg.svd(a.T @ b)
    size = np.linalg.norm(a)
    scale = float(np.linalg.norm(b) / size) if size > 0 else 1.0
    return Similarity(left @ right, scale, origin, target)
