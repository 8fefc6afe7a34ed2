"""The loops that put triangles and points into pixel buffers, nearest first.

Positions are (n, 3): x and y in pixels from the upper left corner, z the distance.
"""

import math

import numpy as np

from engine.synthesis.geometry import Floats, Ints, compile_kernel


def _fill_loop(
    points: Floats, triangles: Ints, depth: Floats, owner: Ints, bary: Floats, first: int
) -> None:
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, z0 = points[a, 0], points[a, 1], points[a, 2]
        x1, y1, z1 = points[b, 0], points[b, 1], points[b, 2]
        x2, y2, z2 = points[c, 0], points[c, 1], points[c, 2]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-12:
            continue
        left = max(0, math.ceil(min(x0, x1, x2) - 0.5))
        right = min(width - 1, math.floor(max(x0, x1, x2) - 0.5))
        top = max(0, math.ceil(min(y0, y1, y2) - 0.5))
        bottom = min(height - 1, math.floor(max(y0, y1, y2) - 0.5))
        for y in range(top, bottom + 1):
            dy = y + 0.5 - y0
            for x in range(left, right + 1):
                dx = x + 0.5 - x0
                u = (dx * (y2 - y0) - (x2 - x0) * dy) / area
                v = ((x1 - x0) * dy - dx * (y1 - y0)) / area
                if u < -1e-6 or v < -1e-6 or u + v > 1 + 1e-6:
                    continue
                z = z0 + u * (z1 - z0) + v * (z2 - z0)
                if z < depth[y, x]:
                    depth[y, x] = z
                    owner[y, x] = first + t
                    bary[y, x, 0] = u
                    bary[y, x, 1] = v


def _dots_loop(points: Floats, depth: Floats) -> None:
    height, width = depth.shape
    for i in range(points.shape[0]):
        x, y = int(points[i, 0]), int(points[i, 1])
        if 0 <= x < width and 0 <= y < height:
            depth[y, x] = min(depth[y, x], points[i, 2])


def _dab_loop(
    spot: tuple[float, float, float],
    reach: float,
    colour: Floats,
    alpha: float,
    buffers: tuple[Floats, Floats, Floats],
) -> None:
    depth, image, cover = buffers
    x, y, z = spot
    height, width = depth.shape
    for row in range(max(0, int(y - reach)), min(height, int(y + reach + 1) + 1)):
        for column in range(max(0, int(x - reach)), min(width, int(x + reach + 1) + 1)):
            away = math.hypot(column + 0.5 - x, row + 0.5 - y)
            a = alpha * min(1.0, reach + 0.5 - away)
            if a <= 0 or z >= depth[row, column]:
                continue
            if a > 0.5:
                depth[row, column] = z
            cover[row, column] = cover[row, column] * (1 - a) + a
            for k in range(3):
                image[row, column, k] = image[row, column, k] * (1 - a) + colour[k] * a


_dab = compile_kernel(_dab_loop)


def _stroke_loop(
    points: Floats,
    steps: int,
    reach: float,
    colours: Floats,
    alpha: Floats,
    buffers: tuple[Floats, Floats, Floats],
) -> None:
    for i in range(points.shape[0]):
        after = i if (i + 1) % steps == 0 else i + 1
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        dx, dy, dz = points[after, 0] - x, points[after, 1] - y, points[after, 2] - z
        dabs = max(1, math.ceil(math.hypot(dx, dy) / reach))
        for dab in range(dabs):
            t = dab / dabs
            _dab((x + t * dx, y + t * dy, z + t * dz), reach, colours[i], alpha[i], buffers)


fill = compile_kernel(_fill_loop)
"""Draw triangles: ``depth``, number of the ``owner`` (from ``first``), its ``bary`` (h, w, 2)."""


def fill_depth(points: Floats, triangles: Ints, depth: Floats) -> None:
    """Draw triangles into ``depth`` alone, for shadows."""
    fill(points, triangles, depth, np.zeros(depth.shape, np.int64), np.zeros((*depth.shape, 2)), 0)


fill_dots = compile_kernel(_dots_loop)
"""Draw points into ``depth`` alone, for shadows of hair."""
stroke = compile_kernel(_stroke_loop)
"""Draw lines of ``steps`` points each, ``reach`` pixels to either side, into the ``buffers``:

over the image where they are nearer than depth; cover sums how much of a pixel they hide.
"""
