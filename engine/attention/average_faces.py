"""The average face and its mean map: every image is brought to where the eyes always are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.explanation.heatmap import enlarge
from engine.faces.frame import centres, similarity, transform_points
from engine.faces.regions import Points

EYES = np.array([[0.35, 0.42], [0.65, 0.42]])  # where the eyes' centres go, in shares of the side

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shown:
    """One image and its map, and where its eyes are."""

    image: NDArray[np.uint8]  # (height, width, 3)
    values: Floats  # (h, w): enlarged onto the image
    eyes: Points  # (2, 2): centres in the image's pixels, the one to the left first


@dataclass(frozen=True)
class Averaged:
    """``image`` (size, size, 3), 0 to 255; ``values`` (size, size), in the maps' unit."""

    image: Floats
    values: Floats
    n: int


def average(shown: Iterable[Shown], size: int = 128) -> Averaged:
    """The mean of images and of their maps. Of none, all is 0.

    They are taken one by one: any number of images needs the memory of one.
    """
    image, map_, n = np.zeros((size, size, 3)), np.zeros((size, size)), 0
    for one in shown:
        n += 1
        image += align_face(one.image.astype(np.float32), one.eyes, size)
        map_ += align_face(enlarge(one.values, *one.image.shape[:2]), one.eyes, size)
    of = max(n, 1)
    return Averaged((image / of).astype(np.float32), (map_ / of).astype(np.float32), n)


def align_face(pixels: Floats, eyes: Points, size: int) -> Floats:
    """(h, w) or (h, w, 3) turned, scaled and shifted until the eyes are in their places.

    What the image does not show goes on as its edge does.
    """
    places = transform_points(centres(size, size), similarity(EYES * size, eyes)) - 0.5
    height, width = pixels.shape[:2]
    x, y = places[..., 0].clip(0, width - 1), places[..., 1].clip(0, height - 1)
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = ((part - np.floor(part)).astype(np.float32) for part in (x, y))
    if pixels.ndim > across.ndim:
        across, down = across[..., None], down[..., None]
    above = pixels[top, left] * (1 - across) + pixels[top, right] * across
    below = pixels[bottom, left] * (1 - across) + pixels[bottom, right] * across
    return np.asarray(above * (1 - down) + below * down, dtype=np.float32)
