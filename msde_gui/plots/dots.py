"""Marks of a few looks at many places, drawn at once: none of them costs time of its own."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget
from shiboken6 import wrapInstance

Points = NDArray[np.floating]
Which = NDArray[np.int64]
Pixels = NDArray[np.uint8]  # red, green, blue and alpha in the last axis, premultiplied
Pictures = Callable[[float], Pixels]  # by the pixels for each px; (k, side, side, 4)

NOWHERE = np.zeros((0, 2), dtype=np.float32)
REACH = 10.0  # px from a place to the edge of any mark


class MarkAtlas:
    """Pictures of marks side by side in one pixmap."""

    def __init__(self, pictures: Pixels, ratio: float) -> None:
        """``pictures`` (k, side, side, 4) have ``ratio`` pixels for each px."""
        count, self.side = pictures.shape[:2]
        self.ratio = ratio
        across = math.ceil(math.sqrt(count))
        room = np.zeros((across**2, *pictures.shape[1:]), dtype=np.uint8)
        room[:count] = pictures
        rows = room.reshape(across, across, *pictures.shape[1:]).swapaxes(1, 2)
        length = across * self.side
        pixels = np.ascontiguousarray(rows).reshape(length, length, 4)
        kind = QImage.Format.Format_RGBA8888_Premultiplied
        self.pixmap = QPixmap.fromImage(QImage(pixels.data, length, length, 4 * length, kind))
        self.corners = self.side * np.stack(np.divmod(np.arange(count), across)[::-1], axis=1)

    def fragments(self, places: Points, which: Which) -> NDArray[np.float64]:
        """A ``QPainter.PixmapFragment`` for each mark around its place, (n, 10)."""
        made = np.empty((len(places), 10))
        made[:, 0:2] = places
        made[:, 2:4] = self.corners[which]
        made[:, 4:6] = self.side
        made[:, 6:8] = 1 / self.ratio
        made[:, 8:] = (0, 1)  # neither turned nor transparent
        return made


class Dots(QGraphicsItem):
    """In a pyqtgraph ``ViewBox``; marks are as large on the screen at any scale."""

    def __init__(self, box: Any) -> None:
        super().__init__()
        self.points: Points = NOWHERE
        self._extent = QRectF()  # of the points
        self._which: Which = np.zeros(0, dtype=np.int64)
        self._pictures: Pictures | None = None
        self._sheet: MarkAtlas | None = None
        self._box = box
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # paint is told what part
        box.sigRangeChanged.connect(self._reach)

    def show_marks(self, points: Points, which: Which, pictures: Pictures) -> None:
        """Points (n, 2) from the bottom to the top, and which of the pictures each is."""
        self._which, self._pictures, self._sheet = which, pictures, None
        self.move_marks(points)

    def move_marks(self, points: Points) -> None:
        """The same marks somewhere else."""
        self.prepareGeometryChange()
        self.points = points
        self._extent = extent(points)
        self.update()

    def boundingRect(self) -> QRectF:
        """Around the marks in sight."""
        if not len(self.points):
            return QRectF()
        view, room = self._box.viewRect(), self._box.rect()
        x = REACH * view.width() / max(1.0, room.width())
        y = REACH * view.height() / max(1.0, room.height())
        return self._extent.adjusted(-x, -y, x, y).intersected(view)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._pictures is None or not len(self.points):
            return
        ratio = painter.device().devicePixelRatioF()
        if self._sheet is None or self._sheet.ratio != ratio:
            self._sheet = MarkAtlas(self._pictures(ratio), ratio)
        transform = painter.transform()
        painter.resetTransform()
        places = self.points * (transform.m11(), transform.m22()) + (transform.dx(), transform.dy())
        near = _near(places, transform.mapRect(option.exposedRect))
        fragments = self._sheet.fragments(places[near], self._which[near])
        if len(fragments):
            first: Any = wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
            painter.drawPixmapFragments(first, len(fragments), self._sheet.pixmap)

    def _reach(self) -> None:
        """Something else is in sight."""
        self.prepareGeometryChange()


def extent(points: Points) -> QRectF:
    """The least rectangle around points (n, 2); column by column, which is several times faster."""
    if not len(points):
        return QRectF()
    (left, right), (low, high) = ((float(one.min()), float(one.max())) for one in points.T)
    return QRectF(left, low, right - left, high - low)


def _near(places: Points, part: QRectF) -> NDArray[np.bool_]:
    """Whose marks may touch this part of the screen."""
    room = part.adjusted(-REACH, -REACH, REACH, REACH)
    x, y = places.T
    near = (x > room.left()) & (x < room.right()) & (y > room.top()) & (y < room.bottom())
    return np.asarray(near)
