"""Where many points lie, as an image under a sample of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from msde_gui.plots.dots import extent
from msde_gui.style import theme

CELLS = 256  # along each side
STRONGEST = 110  # opacity of the fullest cell, of 255
TINY = 1e-9  # the length of points on one line


def density(image: Any, points: NDArray[np.float32]) -> None:
    """Fill pyqtgraph's ``image``: the fuller a cell, the stronger, on a logarithmic scale."""
    if not len(points):
        image.clear()
        return
    room = extent(points)
    columns = _cells(points[:, 0], room.left(), room.width())
    rows = _cells(points[:, 1], room.top(), room.height())
    counts = np.bincount(CELLS * columns + rows, minlength=CELLS**2).reshape(CELLS, CELLS)
    shares = np.log1p(counts) / np.log1p(counts.max())
    colour = QColor(theme.current().dim)
    pixels = np.empty((CELLS, CELLS, 4), dtype=np.ubyte)
    pixels[..., :3] = (colour.red(), colour.green(), colour.blue())
    pixels[..., 3] = STRONGEST * shares
    image.setImage(pixels, axisOrder="col-major", levels=(0, 255))
    image.setRect(room)


def _cells(values: NDArray[np.float32], first: float, length: float) -> NDArray[np.int64]:
    """In which cell of a length each value lies."""
    places = (values - first) * (CELLS / max(length, TINY))
    return np.minimum(places.astype(np.int64), CELLS - 1)
