"""Points on the head's triangles: roots of hair and brows that move with the face."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis.geometry import Floats, Ints, Mask
from engine.synthesis.head import Head


@dataclass(frozen=True)
class Anchors:
    """Places by triangle corners (n, 3) and barycentric weights (n, 3)."""

    corners: Ints
    weights: Floats

    def __len__(self) -> int:
        return len(self.corners)

    def on(self, values: Floats) -> Floats:
        """Interpolated ``values`` of the vertices, (n, 3)."""
        return np.asarray((values[self.corners] * self.weights[..., None]).sum(1))

    def where(self, chosen: Mask) -> "Anchors":
        return Anchors(self.corners[chosen], self.weights[chosen])


def scatter(
    draw: np.random.Generator, head: Head, vertices: Floats, triangles: Ints, count: int
) -> Anchors:
    """``count`` points spread evenly over the area of the ``triangles`` (numbers)."""
    corners = head.triangles[triangles]
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = draw.choice(len(triangles), count, p=area / area.sum())
    spot = draw.random((count, 2))
    spot = np.where(spot.sum(1, keepdims=True) > 1, 1 - spot, spot)
    return Anchors(corners[chosen], np.stack([1 - spot.sum(1), spot[:, 0], spot[:, 1]], 1))
