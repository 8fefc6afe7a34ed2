"""A face mask laid over the face: fabric stretched taut from nose to chin and cheek to cheek."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis.fabric import Cut, Fabric
from engine.synthesis.geometry import (
    Floats,
    Ints,
    bell,
    compile_kernel,
    grid_triangles,
    noise,
    normals,
    ramp,
    tube,
)
from engine.synthesis.head import Head
from engine.synthesis.raster import fill_depth
from engine.synthesis.surface import Hits, Paint, Surface, SurfaceRegion, plain

_ACROSS, _DOWN = 89, 65  # vertices of the fabric
_REACH = 1.22  # half the angle that it goes around the face
_MAP, _MAP_REACH = 220, 1.75  # cells of the face's radius map, and half of its angle
_CLEAR = 0.02  # decimetres that it is drawn nearer: the skin's finer mesh must not pierce it
_STRAP = 9.0  # marks the straps' texture coordinates
_LANDMARKS = {"bridge": (0, 7.16, 1.55), "under_nose": (0, 6.88, 1.5), "ear": (0.80, 7.1, 0.45)}


@dataclass(frozen=True)
class Worn:
    """A mask on a face that is not posed yet."""

    vertices: Floats
    triangles: Ints
    uv: Floats  # (n, 2): -1..1 across, 0..1 down; straps carry 9


def put_on(head: Head, face: Floats, drop: float, cut: Cut, low: bool) -> Worn:
    """``face`` fine vertices; ``drop``: how far the jaw hangs open, which pulls the mask down."""
    place = {name: face[head.vertex(np.array(spot))] for name, spot in _LANDMARKS.items()}
    chin, ear = face[_chin(head, face)], place["ear"]
    upper = place["under_nose"] if low else place["bridge"] - [0, 0.35 * drop, 0]
    axis = ear[2] + 0.15
    u, v = np.linspace(-1, 1, _ACROSS)[None], np.linspace(0, 1, _DOWN)[:, None]
    y = _edges(u[0], v, upper, chin, ear, low)
    angle = _REACH * u + 0 * v
    skin = _radius(head, face, axis, angle, y, (chin[1] - 0.45, place["bridge"][1] + 0.35))
    radius = _fitted(skin, angle, y, cut, u, v)
    grid = np.stack([np.sin(angle) * radius, y, axis + np.cos(angle) * radius], 2)
    uv = np.stack([np.broadcast_to(u, y.shape), np.broadcast_to(v, y.shape)], 2).reshape(-1, 2)
    return _with_straps(
        Worn(grid.reshape(-1, 3), grid_triangles(_DOWN, _ACROSS), uv), grid, ear, cut
    )


def surface(worn: Worn, posed: Floats, fabric: Fabric) -> Surface:
    """The mask as something to draw, at its ``posed`` vertices."""
    height = float(np.ptp(worn.vertices[: _ACROSS * _DOWN, 1]))

    def paint(hits: Hits) -> Paint:
        return _painted(hits, hits.of(worn.uv), fabric, height)

    normal = normals(posed, worn.triangles)
    if normal[: _ACROSS * _DOWN, 2].mean() < 0:
        normal = -normal
    return Surface(posed, worn.triangles, normal, paint, behind=-_CLEAR)


def _chin(head: Head, face: Floats) -> int:
    x, y, z = head.canonical.T
    near = np.where((np.abs(x) < 0.12) & (z > 1.1) & (y < 6.55) & (y > 6.0))[0]
    return int(near[np.argmax(face[near, 2] - 1.2 * face[near, 1])])


def _edges(u: Floats, v: Floats, upper: Floats, chin: Floats, ear: Floats, low: bool) -> Floats:
    """The height of every vertex of the fabric, (down, across)."""
    from scipy.ndimage import gaussian_filter1d

    out = np.abs(u)
    sag = 0.0 if low else 0.05
    top = [
        upper[1],
        upper[1] - 0.01,
        upper[1] - 0.05 - sag,
        upper[1] - 0.06 - 2 * sag,
        ear[1] - 0.02,
    ]
    if low:
        top[-1] = min(top[-1], upper[1] - 0.02)
    bottom = [chin[1] - 0.10, chin[1] - 0.08, chin[1] + 0.10, ear[1] - 0.42, ear[1] - 0.36]
    first = gaussian_filter1d(np.interp(out, [0, 0.12, 0.3, 0.55, 1], top), 3)
    last = gaussian_filter1d(np.interp(out, [0, 0.25, 0.5, 0.8, 1], bottom), 4)
    last = np.minimum(last, first - 0.25)
    return np.asarray(first + (last - first) * v)


def _radius(
    head: Head, face: Floats, axis: float, angle: Floats, y: Floats, span: tuple[float, float]
) -> Floats:
    """How far the skin is from the upright ``axis`` at each place of the fabric."""
    from scipy.ndimage import gaussian_filter

    low, high = span
    around = np.arctan2(face[:, 0], face[:, 2] - axis)
    away = np.hypot(face[:, 0], face[:, 2] - axis)
    places = np.stack([_column(around), (high - face[:, 1]) / (high - low) * _MAP, -away], 1)
    chosen = head.outer & (head.centres[:, 1] > 5.6)
    triangles = head.triangles[chosen]
    triangles = triangles[np.abs(around[triangles]).max(1) < 2.2]
    depth = np.zeros((_MAP, _MAP))
    fill_depth(places, triangles, depth)
    radius = -depth
    radius[radius <= 0] = np.median(radius[radius > 0])
    radius = gaussian_filter(radius, 1.0)
    row = np.clip((high - y) / (high - low) * _MAP, 0, _MAP - 1).astype(np.int64)
    return np.asarray(radius[row, np.clip(_column(angle), 0, _MAP - 1).astype(np.int64)])


def _column(angle: Floats) -> Floats:
    return (angle / _MAP_REACH * 0.5 + 0.5) * _MAP


def _fitted(skin: Floats, angle: Floats, y: Floats, cut: Cut, u: Floats, v: Floats) -> Floats:
    """The fabric's distance from the axis: taut over nose, cheeks and chin, open below it."""
    from scipy.ndimage import gaussian_filter, grey_dilation

    radius = skin.copy()
    taut(radius.T, np.ascontiguousarray(-y.T))
    out = np.abs(u)
    front = np.where(out[0] < 0.8)[0]  # further out a sight line from the front does not serve
    x, z = (np.ascontiguousarray((f(angle) * radius)[:, front]) for f in (np.sin, np.cos))
    taut(z, x)
    radius[:, front] = np.hypot(x, z)
    radius = gaussian_filter(np.pad(radius, 12, mode="edge"), (3.0, 3.0))[12:-12, 12:-12]
    stand = 0.03 + cut.dome * ramp(0.0, 0.35, v) * ramp(1.0, 0.65, v) * ramp(0.8, 0.1, out)
    short = gaussian_filter(grey_dilation(np.maximum(skin + 0.01 - radius, 0), (9, 9)), 2.0)
    radius = np.maximum(radius + short, skin + 0.01) + stand
    under = ramp(0.78, 1.0, v)
    radius = np.where(
        v > 0.8, np.maximum(skin + 0.02, radius[int(_DOWN * 0.82)] - 0.16 * under**2), radius
    )
    hem = np.clip(v * 6, 0, 1)
    radius = np.maximum(radius - (1 - hem) * (stand - 0.012), skin + 0.012)
    if cut.pleats:
        for fold in (0.30, 0.47, 0.64):
            step = np.clip((v - fold) / 0.045, 0, 1) * (v < fold + 0.045)
            radius = radius + 0.018 * step * ramp(0.98, 0.8, out)
    return np.asarray(radius)


def _taut_loop(values: Floats, places: Floats) -> None:
    """Raise each row of ``values`` to its least concave majorant over the rising ``places``."""
    rows, count = values.shape
    hull = np.zeros(count, dtype=np.int64)
    for row in range(rows):
        top = 0
        for i in range(count):
            while top >= 2:
                a, b = hull[top - 2], hull[top - 1]
                run = places[row, i] - places[row, a]
                straight = values[row, a] + (values[row, i] - values[row, a]) * (
                    (places[row, b] - places[row, a]) / run
                )
                if values[row, b] > straight:
                    break
                top -= 1
            hull[top] = i
            top += 1
        for k in range(top - 1):
            a, b = hull[k], hull[k + 1]
            run = places[row, b] - places[row, a]
            for i in range(a + 1, b):
                share = (places[row, i] - places[row, a]) / run
                values[row, i] = values[row, a] + (values[row, b] - values[row, a]) * share


taut = compile_kernel(_taut_loop)


def _with_straps(worn: Worn, grid: Floats, ear: Floats, cut: Cut) -> Worn:
    vertices, triangles, uv = [worn.vertices], [worn.triangles], [worn.uv]
    count = len(worn.vertices)
    t = np.linspace(0, 1, 24)[:, None]
    for side, column in ((1, -1), (-1, 0)):
        for row, lift in ((3, 0.17), (_DOWN - 4, -0.17)):
            start = grid[row, column]
            end = ear * [side, 1, 1] + [0.03 * side, lift, -0.02]
            if cut.head_bands:
                end = ear * [side * (1 if lift > 0 else 0.8), 1, 1] + [0, 2.4 * lift, -0.4]
            bow = (start + end) / 2 + [0.06 * side, 0.3 * lift, 0]
            path = (1 - t) ** 2 * start + 2 * t * (1 - t) * bow + t**2 * end
            points, faces = tube(path, 0.022, sides=6)
            vertices.append(points)
            triangles.append(faces + count)
            uv.append(np.full((len(points), 2), _STRAP))
            count += len(points)
    return Worn(np.concatenate(vertices), np.concatenate(triangles), np.concatenate(uv))


def _painted(hits: Hits, uv: Floats, fabric: Fabric, height: float) -> Paint:
    u, v = uv.T
    strap = u > 1.5
    out, cut = np.abs(u), fabric.cut
    albedo = fabric.albedo(u * 1.5 * _REACH, (v - 0.5) * height)
    light = float(fabric.inks[0].mean()) > 0.1
    if cut.rim:
        rim = (out > 0.965) | (v < 0.035) | (v > 0.965)
        albedo[rim] *= 0.86 if light else 1.8
    if cut.pleats:
        for fold in (0.35, 0.52, 0.69):
            albedo *= (1 - 0.16 * bell(v, fold, 0.012) * ramp(0.98, 0.85, out))[:, None]
        albedo *= (1 - 0.10 * bell(v, 0.075, 0.01) * (out < 0.28))[:, None]
    relief = 0.02 * noise(np.stack([u * 3, v * 5, 0 * u], 1), 3)
    relief -= 0.03 * bell(v, 0.055, 0.012) * (out < 0.3)
    if cut.seam:
        relief -= 0.05 * bell(u, 0, 0.012)
        albedo *= (1 - 0.15 * bell(u, 0, 0.012))[:, None]
    if cut.head_bands:
        relief += 0.03 * bell(v, 0.5, 0.02)
    albedo[strap] = fabric.inks[0] * 0.5 + (0.4 if light else 0.02)
    paint = plain(hits, albedo, 0.02, 8, SurfaceRegion.MASK)
    paint.height[:] = np.where(strap, 0, relief)
    return paint
