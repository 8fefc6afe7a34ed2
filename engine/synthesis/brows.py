"""Eyebrows: some thousand short hairs rooted in the skin, so that they follow the expression."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis.anchors import Anchors, scatter
from engine.synthesis.geometry import Floats, Mask, bell, ramp, unit
from engine.synthesis.head import Head
from engine.synthesis.identity import Identity

_X = [0.10, 0.20, 0.42, 0.62]  # canonical course of the brow: out from the nose …
_Y = [7.472, 7.488, 7.512, 7.445]  # … and up


@dataclass(frozen=True)
class Brows:
    """Roots, directions (n, 3), lengths and tints (n,) of the hairs."""

    roots: Anchors
    directions: Floats
    lengths: Floats
    tints: Floats


def density(canonical: Floats, thickness: float) -> Floats:
    """How brow-like each canonical place is, 0..1."""
    x, y = np.abs(canonical[:, 0]), canonical[:, 1]
    half = np.interp(x, [0.09, 0.14, 0.3, 0.45, 0.62], [0.014, 0.034, 0.035, 0.024, 0.008])
    across = np.exp(-1.2 * ((y - np.interp(x, _X, _Y)) / (half * thickness)) ** 2)
    return np.asarray(across * ramp(0.085, 0.16, x) * ramp(0.64, 0.55, x) * (canonical[:, 2] > 0.6))


def near(canonical: Floats) -> Mask:
    """Where brows may be rooted."""
    x, y, z = canonical.T
    place = (np.abs(y - 7.48) < 0.2) & (np.abs(np.abs(x) - 0.36) < 0.34) & (z > 0.9)
    return np.asarray(place)


def brows(draw: np.random.Generator, head: Head, vertices: Floats, who: Identity) -> Brows:
    places = np.where(head.outer & near(head.centres))[0]
    roots = scatter(draw, head, vertices, places, 14000)
    chance = density(roots.on(head.canonical), who.brow_thickness) * who.brow_density * 0.9
    roots = roots.where(draw.random(len(chance)) < chance)
    spot = roots.on(head.canonical)
    n, x = len(roots), np.abs(spot[:, 0])
    up = np.interp(x, [0.1, 0.25, 0.45, 0.6], [0.8, 0.22, -0.1, -0.5]) + draw.normal(0, 0.2, n)
    up -= (spot[:, 1] - np.interp(x, _X, _Y)) * 8  # towards the middle line
    directions = unit(np.stack([np.sign(spot[:, 0]), up, np.zeros(n)], 1))
    return Brows(roots, directions, draw.uniform(0.05, 0.09, n), draw.normal(1, 0.15, n))


def colour(who: Identity) -> Floats:
    """The colour of the hairs: the head's, darkened with its hue kept, a little warmer."""
    darkest = 0.15 / max(float(who.hair.max()), 0.15)
    return np.asarray(who.hair * darkest * np.array([1.0, 0.88, 0.78]) + who.skin * 0.02)


def frown_lines(canonical: Floats, strength: float) -> Floats:
    """The two upright lines between lowered brows, as depth of the groove in decimetres."""
    x, y = np.abs(canonical[:, 0]), canonical[:, 1]
    upright = 0.13 * bell(x, 0.062, 0.020) * bell(y, 7.47, 0.085)
    return strength * (upright + 0.06 * bell(y, 7.385, 0.018) * bell(x, 0, 0.09))
