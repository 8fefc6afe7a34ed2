"""Eyeballs: spheres with a cornea, an iris of the subject's colour and a gaze."""

import math

import numpy as np

from engine.synthesis.geometry import Floats, grid_triangles, noise, normals, ramp, rotation, unit
from engine.synthesis.subject import Eyeball
from engine.synthesis.surface import Hits, Paint, Surface, SurfaceRegion, plain

_IRIS, _PUPIL = 0.47, 0.17  # half-angles seen from the eyeball's centre
_WHITE = np.array([0.80, 0.77, 0.74])


def eyeball(
    eye: Eyeball, gaze: tuple[float, float], colour: Floats, pose: Floats, pivot: Floats
) -> Surface:
    """The posed eyeball looking to ``gaze`` (yaw, pitch). ``colour`` is the iris's."""
    local = _sphere()
    bulge = 1 + 0.05 * np.exp(-((np.arccos(np.clip(local[:, 2], -1, 1)) / 0.42) ** 4))
    turned = (local * bulge[:, None]) @ rotation(*gaze, 0).T * eye.radius + eye.centre
    vertices = (turned - pivot) @ pose.T + pivot
    triangles = grid_triangles(_ROWS, _COLUMNS, closed=True)

    def paint(hits: Hits) -> Paint:
        return _painted(hits, unit(hits.of(local)), colour)

    return Surface(vertices, triangles, normals(vertices, triangles), paint, shadows=False)


_ROWS, _COLUMNS = 28, 40


def _sphere() -> Floats:
    a = np.linspace(0, math.pi, _ROWS)[:, None]
    b = np.linspace(0, 2 * math.pi, _COLUMNS, endpoint=False)[None]
    return np.stack([np.sin(a) * np.cos(b), np.sin(a) * np.sin(b), np.cos(a) + 0 * b], 2).reshape(
        -1, 3
    )


def _painted(hits: Hits, local: Floats, colour: Floats) -> Paint:
    off = np.arccos(np.clip(local[:, 2], -1, 1))
    around = np.arctan2(local[:, 1], local[:, 0])
    spokes = np.stack([np.cos(around) * 5, np.sin(around) * 5, off * 2], 1)
    iris = colour * (0.75 + np.abs(noise(spokes, 3)))[:, None]
    iris *= (1.3 - 0.9 * ramp(0.34, 0.47, off))[:, None]
    vessels = 0.25 * ramp(0.7, 1.3, off)[:, None] * np.array([0.4, 1, 1])
    edge = ramp(_IRIS - 0.035, _IRIS + 0.035, off)[:, None]
    hole = ramp(_PUPIL - 0.03, _PUPIL + 0.03, off)[:, None]
    albedo = iris * (1 - edge) + _WHITE * (1 - vessels) * edge
    albedo = 0.008 * (1 - hole) + albedo * hole
    return plain(hits, albedo, 0.9, 350, SurfaceRegion.EYES)
