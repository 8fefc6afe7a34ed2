"""Glasses: a frame before the eyes with temples to the ears; dark lenses make them sunglasses."""

import math

import numpy as np

from engine.synthesis.geometry import Floats, Ints, normals, tube
from engine.synthesis.subject import Subject
from engine.synthesis.surface import Hits, Paint, Surface, SurfaceRegion, plain

_CORNERS = {"round": 2.0, "oval": 2.4, "square": 4.0}  # exponents of a superellipse
_SIZE = {"round": (0.225, 0.215), "oval": (0.25, 0.17), "square": (0.25, 0.175)}
_FRAMES = np.array([(0.02, 0.02, 0.02), (0.06, 0.03, 0.015), (0.25, 0.2, 0.12), (0.3, 0.3, 0.32)])
_EAR = np.array([0.80, 7.1, 0.45])  # canonical
_TILT = 0.10  # the lower rim is nearer to the cheek


def glasses(
    of: Subject, face: Floats, frame: str, dark: bool, pose: Floats, pivot: Floats
) -> list[Surface]:
    """The posed frame and, for sunglasses, its lenses. ``face`` fine vertices, not posed."""
    left, right = of.head.vertex(_EAR), of.head.vertex(_EAR * [-1, 1, 1])
    ears = face[left], face[right]
    front = max(eye.centre[2] + eye.radius for eye in of.eyes) + 0.17
    rims = [
        _rim(eye.centre, front, frame, side) for eye, side in zip(of.eyes, (1, -1), strict=True)
    ]
    colour = _FRAMES[of.who.number % len(_FRAMES)]
    wires = [tube(rim, 0.017) for rim in rims]
    wires.append(tube(_bridge(*rims), 0.016))
    wires += [
        tube(_temple(rim, ear, side), 0.016)
        for rim, ear, side in zip(rims, ears, (1, -1), strict=True)
    ]
    shapes = [(vertices, triangles, colour, 0.3, 60.0) for vertices, triangles in wires]
    if dark:
        shapes += [(*_lens(rim), np.array([0.012, 0.011, 0.011]), 0.25, 200.0) for rim in rims]
    return [_surface((v - pivot) @ pose.T + pivot, t, c, s, g) for v, t, c, s, g in shapes]


def _rim(eye: Floats, front: float, frame: str, side: int) -> Floats:
    turn = np.linspace(0, 2 * math.pi, 49)
    power = 2 / _CORNERS[frame]
    x = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power * _SIZE[frame][0]
    y = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power * _SIZE[frame][1]
    z = front + _TILT * y - 0.18 * np.maximum(x * side, 0)  # outer ends bend back
    return np.stack([eye[0] + side * 0.015 + x, eye[1] - 0.02 + y, z], 1)


def _bridge(left: Floats, right: Floats) -> Floats:
    a, b = left[np.argmin(left[:, 0])], right[np.argmax(right[:, 0])]
    t = np.linspace(0, 1, 12)[:, None]
    arch = np.array([0, 0.05, 0.03]) * np.sin(math.pi * t)
    return np.asarray(a * (1 - t) + b * t + arch)


def _temple(rim: Floats, ear: Floats, side: int) -> Floats:
    start = rim[np.argmax(rim[:, 0] * side)]
    t = np.linspace(0, 1, 20)[:, None]
    end = ear + np.array([0.03 * side, 0.12, 0])
    bow = np.array([side * 0.05, 0, 0]) * np.sin(math.pi * t)
    return np.asarray(start * (1 - t) + end * t + bow)


def _lens(rim: Floats) -> tuple[Floats, Ints]:
    n = len(rim) - 1
    fan = np.stack([np.full(n, n + 1), np.arange(n), np.arange(1, n + 1)], 1)
    return np.concatenate([rim, rim[:-1].mean(0, keepdims=True) + np.array([0, 0, 0.02])]), fan


def _surface(
    vertices: Floats, triangles: Ints, colour: Floats, specular: float, gloss: float
) -> Surface:
    def paint(hits: Hits) -> Paint:
        return plain(hits, colour, specular, gloss, SurfaceRegion.GLASSES)

    normal = normals(vertices, triangles)
    lens = len(triangles) < 60
    if lens and normal[:, 2].mean() < 0:
        normal = -normal
    return Surface(vertices, triangles, normal, paint, shadows=lens)  # wire's is lost in soft light
