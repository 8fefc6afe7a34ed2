"""Average faces under the runs' mean heatmaps: a row for each run, a column for each expression."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.attention.answer import AttentionFound
from engine.domain import Condition
from msde_gui.heatmaps.colours import colour
from msde_gui.style import theme
from msde_gui.widgets.labels import plain

HEAD, GAP, NAME = 20, 4, 44  # px: over the columns, between cells, beside the rows
LEAST, MOST = 44, 104  # px of a face
OPACITY = 0.6
COLOURS = "inferno"


@dataclass(frozen=True, eq=False)
class ConditionAverages:
    """What is drawn: one condition of what was found."""

    found: AttentionFound
    condition: Condition

    @property
    def columns(self) -> list[int]:
        """Places in the found cells."""
        return [n for n, cell in enumerate(self.found.cells) if cell[1] is self.condition]

    def side(self, width: float) -> float:
        """Px of a face."""
        count = max(1, len(self.columns))
        return max(LEAST, min(MOST, (width - NAME) / count - GAP))

    def height(self, width: float) -> int:
        return round(HEAD + len(self.found.runs) * (self.side(width) + GAP))

    def room(self, row: int, column: int, width: float) -> QRectF:
        """Of a face."""
        side = self.side(width)
        return QRectF(NAME + column * (side + GAP), HEAD + row * (side + GAP), side, side)


class Strip(QWidget):
    """Says ``picked`` with a run and the place of a cell."""

    picked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: ConditionAverages | None = None
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_picture(self, picture: ConditionAverages) -> None:
        self.picture = picture
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.picture.height(width) if self.picture else 0

    def sizeHint(self) -> QSize:
        return QSize(500, self.heightForWidth(500))

    def minimumSizeHint(self) -> QSize:
        return QSize(NAME + 7 * (LEAST + GAP), 80)

    def at(self, x: float, y: float) -> tuple[str, int] | None:
        """The run and the cell under a point."""
        picture = self.picture
        if not picture:
            return None
        for row, run in enumerate(picture.found.runs):
            for column, cell in enumerate(picture.columns):
                if picture.room(row, column, self.width()).contains(x, y):
                    return run, cell
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.picture:
            draw(QPainter(self), self.picture, self.width(), theme.current())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.at(event.position().x(), event.position().y())
        if found and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.at(event.position().x(), event.position().y())
        shape = Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        text = ""
        if found and self.picture:
            expression, condition = self.picture.found.cells[found[1]]
            n = self.picture.found.counts[found[1]]
            text = f"{found[0]}: {n:,} faces, {expression.title}, {condition.title}"
        QToolTip.showText(event.globalPosition().toPoint(), plain(text), self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()


def draw(painter: QPainter, picture: ConditionAverages, width: float, colours: theme.Theme) -> None:
    """From the painter's origin on."""
    found, peak = picture.found, picture.found.peak
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for column, cell in enumerate(picture.columns):
        painter.setOpacity(1)
        room = picture.room(0, column, width)
        head = QRectF(room.left(), 0, room.width(), HEAD)
        _write(painter, head, found.cells[cell][0].title, colours.dim)
        face = _image(found, cell)
        for row, run in enumerate(found.runs):
            room = picture.room(row, column, width)
            painter.setOpacity(1)
            painter.drawImage(room, face)
            painter.setOpacity(OPACITY)
            painter.drawImage(room, colour(found.means[run][cell], peak, COLOURS))
    painter.setOpacity(1)
    for row, run in enumerate(found.runs):
        room = picture.room(row, 0, width)
        beside = QRectF(0, room.top(), NAME - 6, room.height())
        _write(painter, beside, run.partition("-")[0], colours.text)


def _image(found: AttentionFound, cell: int) -> QImage:
    pixels = found.faces[cell]
    high, wide = pixels.shape[:2]
    return QImage(pixels.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()


def _write(painter: QPainter, room: QRectF, text: str, colour: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(12)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
