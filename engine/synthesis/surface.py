"""What is drawn: triangles with a painter that says how each visible point of them looks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from engine.synthesis.geometry import Floats, Ints, Mask


class SurfaceRegion(IntEnum):
    """What a pixel shows; the values of the region maps."""

    BACKGROUND = 0
    SKIN = 1
    EYES = 2
    BROWS = 3
    NOSE = 4
    MOUTH = 5
    MASK = 6
    HAIR = 7
    GLASSES = 8
    CLOTHES = 9


@dataclass(frozen=True)
class Hits:
    """The visible points of a surface: triangle (n,) and barycentric weights (n, 3)."""

    triangles: Ints
    corners: Ints  # (n, 3)
    weights: Floats

    def __len__(self) -> int:
        return len(self.triangles)

    def of(self, values: Floats) -> Floats:
        """``values`` of the vertices, interpolated."""
        return np.asarray(np.einsum("nk,nkd->nd", self.weights, values[self.corners]))


@dataclass(frozen=True)
class Paint:
    """How points look: reflectance (n, 3) and, each (n,), bumps, shine and region."""

    albedo: Floats
    height: Floats  # of fine relief, decimetres
    specular: Floats
    gloss: Floats  # Blinn-Phong exponent
    region: Ints
    skin: Mask  # light wanders below its surface


@dataclass(frozen=True)
class Surface:
    """A posed mesh. Eyeballs cast no shadows: they fill their sockets."""

    vertices: Floats
    triangles: Ints
    normals: Floats
    paint: Callable[[Hits], Paint]
    shadows: bool = True
    behind: Floats | float = 0.0  # decimetres further away than it is, to be hidden by the rest


def plain(
    hits: Hits, albedo: Floats, specular: float, gloss: float, region: SurfaceRegion
) -> Paint:
    """One material all over; ``albedo`` (n, 3) or (3,)."""
    n = len(hits)
    return Paint(
        np.broadcast_to(albedo, (n, 3)).copy(),
        np.zeros(n),
        np.full(n, specular),
        np.full(n, gloss),
        np.full(n, int(region)),
        np.zeros(n, dtype=bool),
    )
