"""Thumbnails as ready-made pixmaps: decoded when first painted, the latest ones kept."""

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QImageReader, QPainter, QPixmap

from msde_gui.widgets.marks import CORNER

Jpeg = Callable[[int], bytes | None]


def read_jpeg(content: bytes | None) -> QImage:
    """Null unless it is a JPEG: no other format is tried, whatever a study's cache holds."""
    buffer = QBuffer()
    buffer.setData(content or b"")
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, b"jpeg")
    reader.setAutoDetectImageFormat(False)
    return reader.read()


def round_corners(image: QImage, side: int, ratio: float) -> QPixmap:
    """The middle of ``image`` as a square of ``side`` logical px with round corners."""
    pixels = max(1, round(side * ratio))
    covering = image.scaled(
        QSize(pixels, pixels),
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left, top = (covering.width() - pixels) // 2, (covering.height() - pixels) // 2
    square = covering.copy(left, top, pixels, pixels)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(square))
    corner = CORNER * ratio
    painter.drawRoundedRect(QRectF(0, 0, pixels, pixels), corner, corner)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class Pixmaps:
    """The most recently used thumbnails at one size; a null pixmap stands for a missing one."""

    def __init__(self, jpeg: Jpeg, most: int = 1000) -> None:
        self._jpeg = jpeg
        self._most = most
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._size = (0, 0.0)

    def fit(self, side: int, ratio: float, visible: int) -> None:
        """From now on pictures of ``side`` px; keep at least two screens of them."""
        self._most = max(1000, 2 * visible)
        if self._size != (side, ratio):
            self._size = (side, ratio)
            self._kept.clear()

    def clear(self) -> None:
        self._kept.clear()

    def ready(self, number: int) -> QPixmap | None:
        """The picture if it has been decoded already."""
        found = self._kept.get(number)
        if found is not None:
            self._kept.move_to_end(number)
        return found

    def decode(self, number: int) -> QPixmap:
        content = self._jpeg(number)
        image = read_jpeg(content)
        pixmap = QPixmap() if image.isNull() else round_corners(image, *self._size)
        self._kept[number] = pixmap
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return pixmap
