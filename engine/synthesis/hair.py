"""Scalp hair: strands grown over the skull, combed by a haircut and kept out of the head."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis.anchors import scatter
from engine.synthesis.geometry import Floats, Mask, noise, ramp, unit
from engine.synthesis.haircuts import HAIRCUTS, Haircut
from engine.synthesis.head import Head, HeadPart
from engine.synthesis.identity import Identity

_ANGLES = [0, 25, 45, 58, 68, 76, 84, 92, 104, 120, 140, 180]  # around the head, front to back
_LINE = [8.06, 8.07, 7.98, 7.80, 7.55, 7.28, 7.22, 7.42, 7.30, 6.95, 6.80, 6.75]
_SPACING = 0.03  # between the points that a strand is drawn through
_BUN = np.array([0.0, 8.62, -0.62])
_SKULL_BACK = 0.45  # z of the axis that hairline angles turn around


@dataclass(frozen=True)
class Strands:
    """``points``, ``tangents``, ``normals`` (of the skull) are (n, 3); ``tints``, ``tips`` (n,).

    ``steps`` points after each other are one strand.
    """

    steps: int
    points: Floats
    tangents: Floats
    normals: Floats
    tints: Floats
    tips: Floats  # 0 root to 1 tip


def above_hairline(canonical: Floats, recession: float) -> Floats:
    """How far each canonical place lies inside the hair, in decimetres; negative outside."""
    angle = np.degrees(np.arctan2(np.abs(canonical[:, 0]), canonical[:, 2] - _SKULL_BACK))
    back = recession * np.interp(angle, [0, 40, 60, 180], [0.5, 1, 0.2, 0])
    wave = 0.03 * np.sin(canonical[:, 0] * 23) * (angle < 60)
    return np.asarray(canonical[:, 1] - (np.interp(angle, _ANGLES, _LINE) + back + wave))


def grow(
    draw: np.random.Generator, head: Head, vertices: Floats, normal: Floats, who: Identity
) -> Strands:
    cut = HAIRCUTS[who.haircut]
    return _Grower(draw, head, vertices, normal, who, cut).strands()


class _Grower:
    """One head of hair; keeps what all strands share while they grow."""

    def __init__(
        self, draw: np.random.Generator, head: Head, vertices: Floats, normal: Floats,
        who: Identity, cut: Haircut,
    ) -> None:  # fmt: skip
        from scipy.spatial import cKDTree

        self.draw, self.cut = draw, cut
        scalp = head.outer & (head.centres[:, 1] > 6.6)
        scalp &= above_hairline(head.centres, who.recession) > -0.04
        roots = scatter(draw, head, vertices, np.where(scalp)[0], cut.strands)
        inside = above_hairline(roots.on(head.canonical), who.recession)
        fringe = ramp(-0.03, 0.07, inside + draw.normal(0, 0.015, len(roots)))
        roots = roots.where(draw.random(len(roots)) < fringe)
        self.roots, self.normals = roots.on(vertices), unit(roots.on(normal))
        self.spots = roots.on(head.canonical)
        body = np.unique(head.triangles[head.parts == HeadPart.SKIN])
        body = body[head.canonical[body][:, 1] > 5.0]
        self.skin, self.skin_normals = vertices[body], normal[body]
        self.nearest = cKDTree(self.skin)
        self.eyes = float(vertices[np.argmin(np.abs(head.canonical - [0.31, 7.27, 1.3]).sum(1)), 1])

    def strands(self) -> Strands:
        n, cut, draw = len(self.roots), self.cut, self.draw
        top = ramp(7.7, 8.2, self.spots[:, 1])
        clump = 2 * noise(self.spots, 4)
        length = (cut.side + (cut.top - cut.side) * top) * (
            1 + 0.15 * clump + draw.normal(0, 0.1, n)
        )
        if cut.bun:
            length = np.minimum(length, 0.9 * np.linalg.norm(self.roots - _BUN, axis=1))
        comb = self._comb(top)
        swirl = np.stack([noise(self.spots + shift, 5) for shift in (3.1, 9.7, 17.3)], 1)
        aim = self.normals * cut.lift + 0.8 * comb + swirl * cut.curl + draw.normal(0, 0.06, (n, 3))
        paths = self._grown(unit(aim), comb, length)
        return _drawn(
            paths, self.normals, 1 + draw.normal(0, 0.14, n) + 0.3 * clump, length, cut.bun
        )

    def _comb(self, top: Floats) -> Floats:
        """Where the hair is combed at each root, (n, 3)."""
        n, cut = len(self.roots), self.cut
        if cut.bun:
            return np.asarray(unit(_BUN - self.roots) * 1.4)
        x = self.spots[:, 0]
        parting = self.draw.choice([-0.18, 0.18, 0.0])
        away = np.clip(x * 2.5, -1, 1)
        if cut.falls:
            away = np.sign(x - parting + 0.03 * self.draw.normal(size=n))
        elif cut.parted:
            away = np.full(n, 1.0 if parting >= 0 else -1.0)
        sideways, up, forward = cut.comb
        on_top = np.stack([sideways * away, np.full(n, up), np.full(n, forward)], 1)
        return np.asarray(on_top * top[:, None] + np.array(cut.sides) * (1 - top)[:, None])

    def _grown(self, heading: Floats, comb: Floats, length: Floats) -> Floats:
        """The strands' bends, (n, steps + 1, 3)."""
        cut, spot = self.cut, self.roots
        stride = (length / cut.steps)[:, None]
        layer = self.draw.random(len(spot)) * (0.10 if cut.top > 0.35 and not cut.bun else 0.04)
        bends = [spot]
        for step in range(cut.steps):
            before, spot = spot, self._outside(spot + heading * stride, layer, step)
            heading = unit(spot - before) + np.array([0, -cut.gravity, 0])
            if not cut.falls or step <= cut.steps * 0.22:
                heading = heading + 0.12 * comb
            waves = np.stack([noise(spot + shift, 6) for shift in (1.3, 5.9, 11.1)], 1)
            heading = heading + 0.55 * cut.curl * waves
            if cut.falls:
                self._free_face(spot, heading)
            heading = unit(heading)
            bends.append(spot)
        return np.stack(bends, 1)

    def _outside(self, spot: Floats, layer: Floats, step: int) -> Floats:
        """Strands pushed out of the head."""
        _, near = self.nearest.query(spot)
        height = ((spot - self.skin[near]) * self.skin_normals[near]).sum(1)
        least = np.minimum(0.02 + layer, (step + 1) * 0.03)
        return np.asarray(spot + self.skin_normals[near] * np.maximum(least - height, 0)[:, None])

    def _free_face(self, spot: Floats, heading: Floats) -> None:
        """Turn strands that would fall over the face to its side."""
        width = 0.50 + 0.22 * ramp(0.55, 0.0, spot[:, 1] - self.eyes)
        over: Mask = (spot[:, 2] > 0.75) & (np.abs(spot[:, 0]) < width)
        over &= spot[:, 1] < self.eyes + 1.0
        heading[over, 0] += np.sign(spot[over, 0]) * 1.6
        heading[over, 2] -= 0.25


def _drawn(bends: Floats, normal: Floats, tint: Floats, length: Floats, bun: bool) -> Strands:
    """The strands as lines through points; darker at the roots."""
    count = int(np.clip(length.mean() / _SPACING, 4, 75))
    along = np.linspace(0, 1, count)
    place = along * (bends.shape[1] - 1)
    i = np.clip(place.astype(np.int64), 0, bends.shape[1] - 2)
    rest = (place - i)[None, :, None]
    points = bends[:, i] * (1 - rest) + bends[:, i + 1] * rest
    tangents = unit(bends[:, i + 1] - bends[:, i])
    tints = np.clip(tint[:, None] * (0.62 + 0.5 * along)[None], 0.25, 2)
    strands = Strands(
        count,
        points.reshape(-1, 3),
        tangents.reshape(-1, 3),
        np.repeat(normal, count, axis=0),
        tints.ravel(),
        np.tile(along, len(bends)),
    )
    return _with_bun(strands) if bun else strands


def _with_bun(hair: Strands) -> Strands:
    """Hair wound around a ball behind the crown, for the tied style."""
    turn = np.linspace(0, 2 * np.pi, hair.steps)
    rings = [
        np.stack(
            [np.cos(turn) * np.sin(a), np.full_like(turn, np.cos(a)), np.sin(turn) * np.sin(a)], 1
        )
        for a in np.linspace(0.05, 3.1, 90)
    ]
    out = np.concatenate(rings)
    tangents = unit(np.cross(np.array([0.0, 1.0, 0.0]), out) + 1e-6)
    tints = np.clip(0.85 + 1.6 * noise(out * [1, 4, 1], 3), 0.4, 1.6)
    return Strands(
        hair.steps,
        np.concatenate([hair.points, _BUN + out * np.array([0.36, 0.30, 0.30])]),
        np.concatenate([hair.tangents, tangents]),
        np.concatenate([hair.normals, out]),
        np.concatenate([hair.tints, tints]),
        np.concatenate([hair.tips, np.zeros(len(out))]),
    )
