"""Raw heatmaps as colours: tables of 256, and pictures made once for each size and scale."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.explanation.heatmap import enlarge

MAPS = {"inferno": "Inferno", "viridis": "Viridis", "jet": "Paper style (jet)"}
STEPS = 256
TINY = 1e-30  # in place of the maximum of a flat map
FINE = 112  # px to which a coarse heatmap is enlarged; the painter does the rest


def fine(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raw values as they are drawn, (``FINE``, ``FINE``)."""
    return enlarge(values, FINE, FINE)


def colour(values: NDArray[np.float32], peak: float, colours: str) -> QImage:
    """Values from 0 to ``peak`` in the colours of a table."""
    shares = np.clip(fine(values) / max(peak, TINY), 0, 1)
    steps = np.ascontiguousarray((shares * (STEPS - 1)).round().astype(np.uint8))
    image = QImage(steps.data, FINE, FINE, FINE, QImage.Format.Format_Indexed8)
    image.setColorTable(list(table(colours)))
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


@cache
def table(colours: str) -> tuple[int, ...]:
    """As Qt has them, 0xaarrggbb, from the lowest value to the highest."""
    from cmap import Colormap  # not above: it takes a tenth of the window's start

    ramp = Colormap(colours)
    return tuple(0xFF000000 | int(ramp(step / (STEPS - 1)).hex[1:7], 16) for step in range(STEPS))
