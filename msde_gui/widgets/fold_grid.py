"""Runs × folds: each cell shows a state by its shape and an accuracy by its colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from msde_gui.style import theme
from msde_gui.widgets.labels import plain
from msde_gui.widgets.scale import ink, shade

ROW, HEAD, GAP, WIDEST = 42, 20, 4, 58  # px
CENTRE = Qt.AlignmentFlag.AlignCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class FoldCell:
    """One fold. ``state`` is waiting, running, stopped, done or failed."""

    state: str = "waiting"
    progress: float = 0.0
    accuracy: float | None = None
    tip: str = ""


@dataclass(frozen=True)
class RunRow:
    """One run."""

    id: str
    note: str  # its state in words
    cells: tuple[FoldCell, ...]
    tag: str = ""  # such as quick


class FoldGrid(QWidget):
    """Says ``chosen`` with the id of the row that was clicked or reached by the arrow keys."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[RunRow] = ()
        self._current = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Runs and their folds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[RunRow], current: str) -> None:
        self.rows, self._current = rows, current
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, HEAD + ROW * len(self.rows))

    def row_rect(self, row: int) -> QRectF:
        return QRectF(0, HEAD + row * ROW, self.width(), ROW)

    def cell_rect(self, row: int, fold: int) -> QRectF:
        left, width = self._columns()
        return QRectF(left + fold * (width + GAP), HEAD + row * ROW + 6, width, ROW - 12)

    def _columns(self) -> tuple[float, float]:
        """Where the cells begin and how wide one is."""
        left = max(150.0, min(210.0, self.width() * 0.36))
        folds = max((len(row.cells) for row in self.rows), default=1)
        room = (self.width() - left - 8) / max(1, folds) - GAP
        return left, max(8.0, min(WIDEST, room))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter)
        for number, row in enumerate(self.rows):
            self._paint_row(painter, number, row)

    def _paint_head(self, painter: QPainter) -> None:
        painter.setFont(self._font(11, bold=True))
        painter.setPen(QColor(theme.current().dim))
        painter.drawText(QRectF(10, 0, 120, HEAD), LEFT, "Run")
        for fold in range(max((len(row.cells) for row in self.rows), default=0)):
            column = self.cell_rect(0, fold)
            column.setTop(0)
            column.setHeight(HEAD)
            painter.drawText(column, CENTRE, str(fold + 1))

    def _paint_row(self, painter: QPainter, number: int, row: RunRow) -> None:
        colours, room = theme.current(), self.row_rect(number).adjusted(0, 1, 0, -1)
        if row.id == self._current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.raised))
            painter.drawRoundedRect(room, 6, 6)
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(
                QRectF(room.left(), room.top() + 8, 3, room.height() - 16), 1.5, 1.5
            )
        width = self._columns()[0] - 20
        for text, top, size, colour in (
            (row.id, 4, 13, colours.text),
            (" · ".join(filter(None, (row.note, row.tag))), 21, 11, colours.dim),
        ):
            painter.setFont(self._font(size, bold=size == 13))
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(10, room.top() + top, width, 17), LEFT, shown)
        for fold, cell in enumerate(row.cells):
            square = self.cell_rect(number, fold)
            _paint_cell(painter, square, cell, self._font(12 if square.width() > 22 else 10))

    def _font(self, size: int, *, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(int((event.position().y() - HEAD) // ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        ids = [row.id for row in self.rows]
        if step and self._current in ids:
            self._choose(ids.index(self._current) + step)
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.rows):
            self.chosen.emit(self.rows[row].id)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = next(self._tips_at(QPointF(event.pos())), "")
            QToolTip.showText(event.globalPos(), plain(tip), self)
            return True
        return super().event(event)

    def _tips_at(self, point: QPointF) -> Iterator[str]:
        for number, row in enumerate(self.rows):
            if self.row_rect(number).contains(point):
                for fold, cell in enumerate(row.cells):
                    if self.cell_rect(number, fold).contains(point):
                        yield cell.tip
                yield row.id


def _paint_cell(painter: QPainter, room: QRectF, cell: FoldCell, font: QFont) -> None:
    colours = theme.current()
    ground = QColor(colours.bg if cell.state == "waiting" else colours.raised)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(room, 4, 4)
    filled = QRectF(room)
    filled.setWidth(room.width() * (1.0 if cell.state == "done" else cell.progress))
    known = cell.accuracy is not None
    fill = shade(cell.accuracy or 0.0) if known else QColor(colours.line)
    painter.save()
    painter.setClipRect(filled)
    painter.setBrush(fill)
    painter.drawRoundedRect(room, 4, 4)
    painter.restore()
    painter.setPen(QPen(_edge(cell.state), 1.4 if cell.state in ("running", "failed") else 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if cell.state != "done":
        painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if cell.state == "failed":
        _paint_cross(painter, room.center())
    elif known:
        painter.setFont(font)
        on_fill = filled.right() > room.center().x()
        painter.setPen(ink(fill) if on_fill else QColor(colours.text))
        painter.drawText(room, CENTRE, f"{100 * (cell.accuracy or 0):.0f}")


def _edge(state: str) -> QColor:
    colours = theme.current()
    return QColor({"running": colours.accent, "failed": colours.loss}.get(state, colours.line))


def _paint_cross(painter: QPainter, centre: QPointF) -> None:
    painter.setPen(QPen(QColor(theme.current().loss), 2, c=Qt.PenCapStyle.RoundCap))
    painter.drawLine(centre - QPointF(5, 5), centre + QPointF(5, 5))
    painter.drawLine(centre - QPointF(5, -5), centre + QPointF(5, -5))
