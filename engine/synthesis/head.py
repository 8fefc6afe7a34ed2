"""The head that every subject shares: its topology, texture coordinates and canonical shape."""

from collections.abc import Mapping
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.synthesis import assets
from engine.synthesis.geometry import Floats, Ints, Mask, sample_texture
from engine.synthesis.subdivision import subdivide

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Number = TypeVar("Number", bound=np.generic)
LEFT_EYE = np.arange(14598, 14670)  # vertices of MakeHuman's own eyeballs
RIGHT_EYE = np.arange(14670, 14742)
UPPER_TEETH, LOWER_TEETH = np.arange(14992, 15060), np.arange(15060, 15128)
_NECK, _SHOULDER = 4.6, 2.6  # what lies lower or further out is left away


class HeadPart(IntEnum):
    """What a triangle of the head belongs to."""

    SKIN = 0
    TONGUE = 1
    TEETH = 2


_PARTS = {
    "body": HeadPart.SKIN,
    "helper-tongue": HeadPart.TONGUE,
    "helper-upper-teeth": HeadPart.TEETH,
    "helper-lower-teeth": HeadPart.TEETH,
}


class Head:
    """``fine(coarse)`` gives the smooth vertices that ``triangles`` join."""

    operator: "csr_matrix"

    def __init__(self) -> None:
        mesh = assets.base_mesh()
        self.base = mesh.vertices
        chosen = [i for i, group in enumerate(mesh.groups) if group in _PARTS and self._near(i)]
        smooth = subdivide(
            len(self.base),
            [mesh.faces[i] for i in chosen],
            [mesh.texture_corners[mesh.face_corners[i]] for i in chosen],
        )
        self.operator = smooth.operator
        self.triangles = _halves(smooth.quads)
        self.uv = _halves(smooth.uv)  # (n, 3, 2) corners of each triangle
        parts = np.array([_PARTS[mesh.groups[i]] for i in chosen])[smooth.parent]
        self.parts = np.concatenate([parts, parts])
        self.canonical = self.fine(self.base)

    def shaped(self, weights: Mapping[str, float]) -> Floats:
        """Coarse vertices with the morph targets added."""
        coarse = self.base.copy()
        for name, weight in weights.items():
            vertices, shifts = assets.morph(name)
            coarse[vertices] += weight * shifts
        return coarse

    def fine(self, coarse: Floats) -> Floats:
        return np.asarray(self.operator @ coarse)

    def vertex(self, spot: Floats) -> int:
        """The fine vertex nearest to a canonical ``spot``."""
        return int(np.argmin(((self.canonical - spot) ** 2).sum(1)))

    @cached_property
    def centres(self) -> Floats:
        """Canonical centre of each triangle."""
        return np.asarray(self.canonical[self.triangles].mean(1))

    @cached_property
    def outer(self) -> Mask:
        """Triangles of the visible skin: no ears, no mouth cavity, no tongue, no teeth."""
        middle = self.uv.mean(1)
        no_ear = sample_texture(assets.texture("ears"), middle) < 0.4
        no_mouth = sample_texture(assets.texture("inside-mouth"), middle) < 0.5
        return np.asarray((self.parts == HeadPart.SKIN) & no_ear & no_mouth)

    @cached_property
    def teeth(self) -> Mask:
        """The fine vertices of teeth and tongue."""
        return np.isin(np.arange(len(self.canonical)), self.triangles[self.parts != HeadPart.SKIN])

    @cached_property
    def lashes(self) -> Ints:
        """Triangles of the upper eyelashes, over coarse vertices."""
        mesh = assets.base_mesh()
        faces = [f for f, g in zip(mesh.faces, mesh.groups, strict=True) if "eyelashes" in g]
        upper = [face for face in faces if self.base[face][:, 1].mean() > 7.285]
        halves = [[f[0], f[1], f[2]] for f in upper] + [[f[0], f[2], f[3]] for f in upper]
        return np.array(halves)

    def _near(self, face: int) -> bool:
        corners = self.base[assets.base_mesh().faces[face]]
        return bool(corners[:, 1].mean() > _NECK and np.abs(corners[:, 0]).max() < _SHOULDER)


def _halves(quads: NDArray[Number]) -> NDArray[Number]:
    """The two triangles of each quad, first halves first."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
