"""The lasso: an outline drawn over a plot, and which points lie inside it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from msde_gui.style import theme

APART = 3.0  # px between two corners of the outline

Numbers = NDArray[np.floating]


def inside(points: Numbers, polygon: Numbers) -> NDArray[np.bool_]:
    """Which of ``points`` (n, 2) lie in ``polygon`` (m, 2) by the even-odd rule.

    The polygon is closed by itself. Each edge meets only the points between its ends' heights,
    which are next to each other once they are sorted.
    """
    found = np.zeros(len(points), dtype=bool)
    if len(polygon) < 3 or not len(points):
        return found
    near = np.flatnonzero(_in_box(points, polygon))
    near = near[np.argsort(points[near, 1])]
    x, y = points[near].astype(np.float64).T
    ends = np.roll(polygon, -1, axis=0)
    low = np.searchsorted(y, np.minimum(polygon[:, 1], ends[:, 1]))
    high = np.searchsorted(y, np.maximum(polygon[:, 1], ends[:, 1]))
    odd = np.zeros(len(near), dtype=bool)
    for (ax, ay), (bx, by), first, last in zip(polygon, ends, low, high, strict=True):
        if first < last:
            odd[first:last] ^= x[first:last] < ax + (y[first:last] - ay) * (bx - ax) / (by - ay)
    found[near] = odd
    return found


def _in_box(points: Numbers, polygon: Numbers) -> NDArray[np.bool_]:
    least, most = polygon.min(axis=0), polygon.max(axis=0)
    return np.asarray(((points >= least) & (points <= most)).all(axis=1))


class Lasso(QWidget):
    """Lies over a plot, lets the mouse through and draws the outline as far as it has come."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._corners: list[QPointF] = []

    @property
    def polygon(self) -> NDArray[np.float64]:
        """In px of the plot, (m, 2)."""
        corners = [(corner.x(), corner.y()) for corner in self._corners]
        return np.array(corners, dtype=np.float64).reshape(-1, 2)

    @property
    def begun(self) -> bool:
        return bool(self._corners)

    def begin(self, place: QPointF) -> None:
        self._corners = [place]

    def extend(self, place: QPointF) -> None:
        if (place - self._corners[-1]).manhattanLength() >= APART:
            self._corners.append(place)
            self.update()

    def end(self) -> None:
        self._corners = []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._corners) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.current().accent)
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        colour.setAlphaF(0.08)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(self._corners))
