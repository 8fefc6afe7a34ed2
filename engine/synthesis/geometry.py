"""The small mathematics of rendering: rotations, ramps, noise, textures, normals."""

import math
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compile_kernel(function: Kernel) -> Kernel:
    """Machine code for a loop over pixels or points, kept on disk between runs."""
    import numba

    return cast(Kernel, numba.njit(cache=True, fastmath=True)(function))


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Pitch first, then yaw, then roll, (3, 3). Positive yaw turns to the subject's left."""
    cy, sy = math.cos(yaw), math.sin(yaw)
    cx, sx = math.cos(pitch), math.sin(pitch)
    cz, sz = math.cos(roll), math.sin(roll)
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1.0]])
    about_y = np.array([[cy, 0, sy], [0, 1.0, 0], [-sy, 0, cy]])
    about_x = np.array([[1.0, 0, 0], [0, cx, -sx], [0, sx, cx]])
    return np.asarray(about_z @ about_y @ about_x)


def ramp(start: float, end: float, x: Floats) -> Floats:
    """0 before ``start``, 1 after ``end``, smooth between; falls if ``end`` < ``start``."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def bell(x: Floats, middle: float, width: float) -> Floats:
    return np.exp(-(((x - middle) / width) ** 2))


def unit(vectors: Floats) -> Floats:
    """Vectors of length one along the last axis."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12))


_LATTICE = np.random.default_rng(7).random((64, 64, 64))


def noise(points: Floats, frequency: float) -> Floats:
    """Smooth value noise in -0.5..0.5 at ``points`` (…, 3), with ``frequency`` cells a unit."""
    scaled = points * frequency
    cell = np.floor(scaled).astype(np.int64)
    t = scaled - cell
    t = t * t * (3 - 2 * t)
    low, high = cell & 63, (cell + 1) & 63
    total = np.zeros(points.shape[:-1])
    for corner in range(8):
        up = [(corner >> axis) & 1 for axis in range(3)]
        weight = np.ones(points.shape[:-1])
        for axis in range(3):
            weight = weight * (t[..., axis] if up[axis] else 1 - t[..., axis])
        i, j, k = ((high if up[axis] else low)[..., axis] for axis in range(3))
        total += weight * _LATTICE[i, j, k]
    return total - 0.5


def sample_texture(texture: Floats, uv: Floats) -> Floats:
    """Bilinear values of a one-channel ``texture`` at ``uv`` (n, 2); v points up."""
    height, width = texture.shape
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1.01)
    y = np.clip((1 - uv[:, 1]) * height - 0.5, 0, height - 1.01)
    i, j = x.astype(np.int64), y.astype(np.int64)
    a, b = x - i, y - j
    top = texture[j, i] * (1 - a) + texture[j, i + 1] * a
    return np.asarray(top * (1 - b) + (texture[j + 1, i] * (1 - a) + texture[j + 1, i + 1] * a) * b)


def normals(vertices: Floats, triangles: Ints) -> Floats:
    """Unit normals at the vertices, weighted by the area of the triangles around."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for k in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, k], faces[:, axis], len(vertices))
    return unit(total)


def grid_triangles(rows: int, columns: int, closed: bool = False) -> Ints:
    """Two triangles a cell of a (rows, columns) grid of vertices; ``closed`` joins the columns."""
    last = columns if closed else columns - 1
    row = np.arange(rows - 1)[:, None] * columns
    column = np.arange(last)[None]
    a = (row + column).ravel()
    b = (row + (column + 1) % columns).ravel()
    c, d = b + columns, a + columns
    return np.concatenate([np.stack([a, c, b], 1), np.stack([a, d, c], 1)])


def tube(path: Floats, radius: float, sides: int = 8, flat: float = 1.0) -> tuple[Floats, Ints]:
    """Vertices and triangles of a tube along ``path`` (n, 3); ``flat`` squeezes it in depth."""
    along = unit(np.gradient(path, axis=0))
    across = unit(np.cross(along, np.array([0.0, 0.02, 1.0])))
    deep = np.cross(across, along)
    angle = np.linspace(0, 2 * math.pi, sides, endpoint=False)[None, :, None]
    ring = np.cos(angle) * across[:, None] + flat * np.sin(angle) * deep[:, None]
    vertices = path[:, None] + radius * ring
    return vertices.reshape(-1, 3), grid_triangles(len(path), sides, closed=True)
