"""Where many points lie, as an image under a sample of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from msde_gui import theme

CELLS = 256  # along each side
STRONGEST = 110  # opacity of the fullest cell, of 255


def density(image: Any, points: NDArray[np.float32]) -> None:
    """Fill pyqtgraph's ``image``: the fuller a cell, the stronger, on a logarithmic scale."""
    counts, x, y = np.histogram2d(points[:, 0], points[:, 1], bins=CELLS)
    shares = np.log1p(counts) / np.log1p(counts.max())
    colour = QColor(theme.current().dim)
    pixels = np.empty((CELLS, CELLS, 4), dtype=np.ubyte)
    pixels[..., :3] = (colour.red(), colour.green(), colour.blue())
    pixels[..., 3] = STRONGEST * shares
    image.setImage(pixels, axisOrder="col-major", levels=(0, 255))
    image.setRect(QRectF(x[0], y[0], x[-1] - x[0], y[-1] - y[0]))
