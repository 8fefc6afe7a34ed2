"""Light: a room of many dim directions and one soft key, with a shadow map for each."""

import math
from dataclasses import dataclass

import numpy as np

from engine.synthesis.geometry import Floats, compile_kernel, rotation, unit
from engine.synthesis.raster import fill_depth, fill_dots
from engine.synthesis.surface import Surface

_ROOM, _KEY = 36, 5  # directions
_CELLS, _REACH = 150, 2.3  # of a shadow map: cells, and decimetres from its middle
_BIAS = 0.035


@dataclass(frozen=True)
class Light:
    """What is drawn for an image: where the key stands, how strong, warm and directed it is."""

    yaw: float
    pitch: float
    share: float  # of the light that the key gives, 0..1
    warmth: float  # -1 blue to 1 yellow
    ceiling: float  # how much more comes from above, 0..1
    softness: Floats  # (5, 3) shifts of the key's parts


@dataclass(frozen=True)
class Rig:
    """Directions (k, 3) towards the light, their colours, view matrices and shadow maps."""

    directions: Floats
    colours: Floats
    views: Floats  # (k, 3, 3)
    shadows: Floats  # (k, cells, cells)
    centre: Floats

    @property
    def key(self) -> slice:
        return slice(_ROOM, _ROOM + _KEY)

    def falling_on(
        self, points: Floats, normals: Floats, bias: float = _BIAS, wrap: float = 0.12
    ) -> Floats:
        """Irradiance (n, 3). ``wrap`` lets light reach a little around the edge."""
        total = np.zeros_like(points)
        local = np.ascontiguousarray(points - self.centre)
        facing = np.ascontiguousarray(normals)
        constants = np.array([_REACH, bias, wrap])
        lights = self.directions, self.colours, self.views, self.shadows
        _gather(local, facing, lights, constants, total)
        return total


def draw_light(draw: np.random.Generator, low: float, high: float) -> Light:
    return Light(
        yaw=draw.uniform(-1.25, 1.25),
        pitch=draw.uniform(-0.95, 0.12),
        share=draw.uniform(low, high),
        warmth=float(np.clip(draw.normal(0.15, 0.6), -1.2, 1.2)),
        ceiling=draw.uniform(0.2, 0.7),
        softness=draw.normal(size=(_KEY, 3)) * draw.uniform(0.04, 0.25),
    )


def rig(light: Light, surfaces: list[Surface], hair: Floats, centre: Floats) -> Rig:
    """The light set up around what it falls on. ``hair`` (n, 3) are dots that cast shadows."""
    directions, colours = _sources(light)
    views = np.stack([_view(direction) for direction in directions])
    shadows = np.stack([_shadow(view, surfaces, hair, centre) for view in views])
    return Rig(directions, colours, views, shadows, centre)


def _sources(light: Light) -> tuple[Floats, Floats]:
    """Directions and colours (k, 3): first those of the room, then those of the key."""
    room, key = _sphere(_ROOM), rotation(light.yaw, light.pitch, 0) @ np.array([0, 0, 1.0])
    tint = np.array([1 + 0.07 * light.warmth, 1, 1 - 0.08 * light.warmth])
    up = np.clip(1 - light.ceiling + light.ceiling * room[:, 1], 0, 1)[:, None]
    floor = np.clip(-room[:, 1], 0, 1)[:, None] * np.array([0.35, 0.28, 0.22])
    ambient = (up + floor) * (0.75 + 0.5 * np.clip(room[:, 2:3], 0, 1)) * (2 - tint)
    ambient *= (4.0 / _ROOM) * (1.15 - 0.8 * light.share)
    strong = np.tile(tint * (0.25 + 1.15 * light.share) / _KEY, (_KEY, 1))
    directions = np.concatenate([room, unit(key + light.softness)])
    return directions, np.concatenate([ambient, strong])


def _shadow(view: Floats, surfaces: list[Surface], hair: Floats, centre: Floats) -> Floats:
    """How deep light from one direction reaches, (cells, cells)."""
    from scipy.ndimage import minimum_filter

    depth, strands = np.full((2, _CELLS, _CELLS), 1e9)
    for one in surfaces:
        if one.shadows:
            fill_depth(_cells((one.vertices - centre) @ view.T), one.triangles, depth)
    fill_dots(_cells((hair - centre) @ view.T), strands)
    closed: Floats = minimum_filter(strands, 3)  # the dots are sparse, hair is not
    return np.asarray(np.minimum(depth, closed))


def _sphere(count: int) -> Floats:
    """Directions spread evenly (Fibonacci)."""
    i = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * i / count), math.pi * (1 + 5**0.5) * i
    return np.stack([np.cos(turn) * np.sin(polar), np.cos(polar), np.sin(turn) * np.sin(polar)], 1)


def _view(direction: Floats) -> Floats:
    back = -direction
    side = unit(np.cross([0, 1, 0] if abs(direction[1]) < 0.95 else [1, 0, 0], back))
    return np.stack([side, np.cross(back, side), back])


def _cells(seen: Floats) -> Floats:
    seen[:, :2] = (seen[:, :2] / _REACH * 0.5 + 0.5) * _CELLS
    return np.asarray(seen)


def _gather_loop(
    points: Floats,
    normals: Floats,
    lights: tuple[Floats, Floats, Floats, Floats],
    constants: Floats,
    total: Floats,
) -> None:
    directions, colours, views, shadows = lights
    reach, bias, wrap = constants
    cells = shadows.shape[1]
    for i in range(points.shape[0]):
        for k in range(directions.shape[0]):
            cosine = 0.0
            for j in range(3):
                cosine += normals[i, j] * directions[k, j]
            cosine = (cosine + wrap) / (1 + wrap)
            if cosine <= 0:
                continue
            a, b, z = 0.0, 0.0, 0.0
            for j in range(3):
                a += views[k, 0, j] * points[i, j]
                b += views[k, 1, j] * points[i, j]
                z += views[k, 2, j] * points[i, j]
            x = int((a / reach * 0.5 + 0.5) * cells)
            y = int((b / reach * 0.5 + 0.5) * cells)
            if 0 <= x < cells and 0 <= y < cells and z > shadows[k, y, x] + bias:
                continue
            for j in range(3):
                total[i, j] += colours[k, j] * cosine


_gather = compile_kernel(_gather_loop)
