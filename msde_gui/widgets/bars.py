"""Seven probabilities as bars, the truth marked with a star."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from msde_gui.style import theme
from msde_gui.widgets.labels import plain

HEIGHT = 46  # px of the highest bar
NAMES = 16  # px for the names
ROOMY = 27  # px for a bar from which its name is written larger
GAP = 2  # px between two names


class Bars(QWidget):
    """``names`` under bars between 0 and 1, in the expressions' colours."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = list(names)
        self._values: Sequence[float] = ()
        self._truth = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220, HEIGHT + NAMES + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(126, HEIGHT + NAMES + 4)

    def show_values(self, values: Sequence[float], truth: int) -> None:
        self._values, self._truth = values, truth
        lines = [f"{name} {value:.3f}" for name, value in zip(self._names, values, strict=True)]
        self.setToolTip(plain("\n".join(lines)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        font = self.font()
        step = self.width() / max(1, len(self._names))
        font.setPixelSize(11 if step >= ROOMY else 10)
        painter.setFont(font)
        written = self._written(QFontMetricsF(font), step - GAP)
        for place, value in enumerate(self._values):
            height = max(1.5, HEIGHT * float(value))
            bar = QRectF(place * step + step * 0.18, HEIGHT - height, step * 0.64, height)
            painter.fillRect(bar, QColor(theme.EXPRESSION_COLOURS[place]))
            if colours is theme.LIGHT and height > 3:
                painter.setPen(QPen(QColor(colours.outline), 1))
                painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
            true = place == self._truth
            painter.setPen(QColor(colours.text if true else colours.dim))
            room = QRectF(place * step - 4, HEIGHT + 3, step + 8, NAMES)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, written[place])

    def _written(self, metrics: QFontMetricsF, room: float) -> list[str]:
        """The names by as many letters, at most four, as find room for all of them."""
        for letters in (4, 3, 2):
            short = [name[:letters] for name in self._names]
            if self._truth >= 0:
                short[self._truth] += "*"
            if max(map(metrics.horizontalAdvance, short)) <= room:
                break
        return short
