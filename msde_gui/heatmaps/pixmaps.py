"""Faces and heatmaps as ready-made pixmaps of one size, the latest ones kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap

from msde_gui.heatmaps.colours import colour
from msde_gui.heatmaps.requests import SampleHeatmap
from msde_gui.widgets.marks import CORNER, draw_place
from msde_gui.widgets.pictures import Jpeg, read_jpeg

KEPT = 800  # pixmaps


class HeatmapPixmaps:
    """Networks see the whole picture, so its sides are kept and nothing is cut off."""

    def __init__(self, jpeg: Jpeg) -> None:
        self._jpeg = jpeg
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def clear(self) -> None:
        self._kept.clear()

    def face(self, number: int, side: int, ratio: float) -> QPixmap:
        """Null if there is no thumbnail."""
        return self._ready((number, side, ratio), lambda: self._face(number, side, ratio))

    def heat(self, made: SampleHeatmap, peak: float, colours: str, like: QPixmap) -> QPixmap:
        """A heatmap as large as the face that it lies on."""
        size, ratio = like.size(), like.devicePixelRatio()
        key = (made, peak, colours, size.toTuple(), ratio)
        return self._ready(key, lambda: shape(colour(made.values, peak, colours), size, ratio))

    def _face(self, number: int, side: int, ratio: float) -> QPixmap:
        image = read_jpeg(self._jpeg(number))
        if image.isNull():
            return QPixmap()
        room = QSize(side, side) * ratio
        return shape(image, image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio), ratio)

    def _ready(self, key: Hashable, make: Callable[[], QPixmap]) -> QPixmap:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found


def shape(image: QImage, size: QSize, ratio: float) -> QPixmap:
    """The whole image, ``size`` in device pixels, with round corners."""
    smooth = Qt.TransformationMode.SmoothTransformation
    whole = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(whole))
    painter.drawRoundedRect(QRectF(pixmap.rect()), CORNER * ratio, CORNER * ratio)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def place(face: QPixmap, square: QRectF) -> QRectF:
    """Where a picture lies in its square; the square itself if there is none."""
    if face.isNull():
        return square
    size = face.deviceIndependentSize()
    made = QRectF(0, 0, size.width(), size.height())
    made.moveCenter(square.center())
    return made


def draw(
    painter: QPainter, square: QRectF, face: QPixmap, heat: QPixmap | None, opacity: float
) -> None:
    """A face, and over it a heatmap through which it can be seen."""
    if face.isNull():
        draw_place(painter, square)
        return
    corner = place(face, square).topLeft()
    painter.drawPixmap(corner, face)
    if heat:
        painter.setOpacity(opacity)
        painter.drawPixmap(corner, heat)
        painter.setOpacity(1.0)


def compose(face: QPixmap, heat: QPixmap, opacity: float) -> QPixmap:
    """Both as one picture."""
    made = QPixmap(face)
    painter = QPainter(made)
    painter.setOpacity(opacity)
    painter.drawPixmap(0, 0, heat)
    painter.end()
    return made
