"""A subject as a shape: the identity's head, hair, brows and eyeballs, made once for all images."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis import hair
from engine.synthesis.brows import Brows, brows
from engine.synthesis.geometry import Floats, normals
from engine.synthesis.head import LEFT_EYE, RIGHT_EYE, Head
from engine.synthesis.identity import Identity, stream
from engine.synthesis.settings import Settings


@dataclass(frozen=True)
class Eyeball:
    centre: Floats
    radius: float


@dataclass(frozen=True)
class Subject:
    who: Identity
    head: Head
    coarse: Floats  # vertices of the face at rest
    strands: hair.Strands
    brows: Brows
    eyes: tuple[Eyeball, Eyeball]  # the subject's left, right

    @property
    def between(self) -> Floats:
        """Halfway between the eyeballs."""
        return np.asarray((self.eyes[0].centre + self.eyes[1].centre) / 2)


def subject(settings: Settings, head: Head, who: Identity) -> Subject:
    coarse = head.shaped(who.shape)
    fine = head.fine(coarse)
    draw = stream(settings.seed, who.number, 5)
    strands = hair.grow(draw, head, fine, normals(fine, head.triangles), who)
    eyes = _eyeball(coarse[LEFT_EYE]), _eyeball(coarse[RIGHT_EYE])
    return Subject(who, head, coarse, strands, brows(draw, head, fine, who), eyes)


def _eyeball(vertices: Floats) -> Eyeball:
    low, high = vertices.min(0), vertices.max(0)
    radius = float(high[0] - low[0] + high[1] - low[1]) / 4
    return Eyeball(np.array([*((low + high) / 2)[:2], low[2] + radius]), radius)
