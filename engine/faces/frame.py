"""The face's own directions in a picture, and maps that bring one pair of eyes onto another."""

import numpy as np
from numpy.typing import NDArray

from engine.faces.regions import Points


def centres(height: int, width: int) -> Points:
    """The centre of every pixel, (height, width, 2)."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.stack([columns, rows], axis=-1)


def below(points: Points, eyes: Points) -> NDArray[np.float64]:
    """How far points, (…, 2), are below the line of the eyes, square to it, in pixels, (…)."""
    return np.asarray((points - eyes.mean(axis=0)) @ down(eyes))


def down(eyes: Points) -> Points:
    """The direction square to the line of the eyes, of length 1, (2,)."""
    across = eyes[1] - eyes[0]
    return np.asarray(np.array([-across[1], across[0]]) / np.hypot(*across))


def similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """Turn, scale and shift that bring two points onto two others, (2, 3)."""
    first, second = source[:, 0] + 1j * source[:, 1], target[:, 0] + 1j * target[:, 1]
    factor = (second[1] - second[0]) / (first[1] - first[0])
    shift = second[0] - factor * first[0]
    rows = [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    return np.array(rows)


def transform_points(points: Points, map_: NDArray[np.float64]) -> Points:
    """Points, (…, 2), under an affine map, (2, 3)."""
    return np.asarray(points @ map_[:, :2].T + map_[:, 2])
