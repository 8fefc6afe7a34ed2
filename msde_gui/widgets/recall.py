"""The share found of each expression, side by side for each condition."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from msde_gui.style import theme

NAMES, VALUES = 18, 14  # px below and above the bars
CENTRE = Qt.AlignmentFlag.AlignCenter


class Recall(QWidget):
    """Bars between 0 and 1 with their value in %, and a line where guessing would be."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._series: Sequence[Mapping[str, float]] = ()
        self._colours: Sequence[str] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Recall by expression")

    def sizeHint(self) -> QSize:
        return QSize(400, 84)

    def minimumSizeHint(self) -> QSize:
        return QSize(250, 84)

    def show_series(self, series: Sequence[Mapping[str, float]], colours: Sequence[str]) -> None:
        """One mapping from name to share a condition; names that are absent have no bar."""
        self._series, self._colours = series, colours
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self.width() / max(1, len(self._names))
        self._paint_chance(painter)
        for place, name in enumerate(self._names):
            self._write(painter, 11, theme.current().dim)
            room = QRectF(place * step, self.height() - NAMES + 2, step, NAMES - 2)
            fits = painter.fontMetrics().horizontalAdvance(name) <= step
            painter.drawText(room, CENTRE, name if fits else name[:4])
            self._paint_bars(painter, place * step, step, name)

    def _paint_bars(self, painter: QPainter, left: float, step: float, name: str) -> None:
        width = min(26.0, step * 0.8 / max(1, len(self._series)))
        start = left + (step - width * len(self._series)) / 2
        for number, (shares, colour) in enumerate(zip(self._series, self._colours, strict=True)):
            if name not in shares:
                continue
            height = max(1.5, shares[name] * self._high)
            bar = QRectF(start + number * width, self._floor - height, width - 2, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(bar, 2, 2)
            value = QRectF(bar.left() - 4, bar.top() - VALUES, bar.width() + 8, VALUES)
            self._write(painter, 10, theme.current().text)
            painter.drawText(value, CENTRE, f"{100 * shares[name]:.0f}")

    def _paint_chance(self, painter: QPainter) -> None:
        level = self._floor - self._high / max(1, len(self._names))
        painter.setPen(QPen(QColor(theme.current().line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(0, round(level), self.width(), round(level))

    @property
    def _floor(self) -> float:
        return self.height() - NAMES

    @property
    def _high(self) -> float:
        return self.height() - NAMES - VALUES

    def _write(self, painter: QPainter, size: int, colour: str) -> None:
        font = QFont(self.font())
        font.setPixelSize(size)
        painter.setFont(font)
        painter.setPen(QColor(colour))
