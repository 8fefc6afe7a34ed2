"""The colour bar: every colour of the scale, and the numbers at its ends and its middle."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from msde_gui.heatmaps.colours import STEPS, table
from msde_gui.style import theme

WIDTH, THICK, HEIGHT = 220, 10, 30  # px
EDGE = 22  # px beside it: half a number


class ColourBar(QWidget):
    """Lies flat; ``numbers`` are spread evenly below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colours = "inferno"
        self.numbers: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def show_scale(self, colours: str, numbers: tuple[str, ...]) -> None:
        self.colours, self.numbers = colours, numbers
        self.setAccessibleName(f"{colours}: {', '.join(numbers)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_bar(QPainter(self), QRectF(self.rect()), self.colours, self.numbers)


def draw_bar(painter: QPainter, room: QRectF, colours: str, numbers: tuple[str, ...]) -> None:
    """Into ``room``, ``HEIGHT`` px high."""
    ramp = QRectF(room.left() + EDGE, room.top() + 2, room.width() - 2 * EDGE, THICK)
    image = QImage(bytes(range(STEPS)), STEPS, 1, STEPS, QImage.Format.Format_Indexed8)
    image.setColorTable(list(table(colours)))
    painter.drawImage(ramp, image)
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    painter.setPen(QColor(theme.current().dim))
    for place, number in enumerate(numbers):
        middle = ramp.left() + ramp.width() * place / max(1, len(numbers) - 1)
        below = QRectF(middle - 40, ramp.bottom() + 2, 80, 15)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, number)


def scale_numbers(peak: float | None) -> tuple[str, ...]:
    """Raw values of one scale; shares of the maximum where there are several."""
    if peak is None:
        return ("0", "50 %", "100 %")
    return ("0", number(peak / 2), number(peak))


def number(value: float) -> str:
    """Three figures that count."""
    return f"{value:.3g}"
