"""A confusion matrix to read and to click: truth in rows, answers in columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from msde_gui.widgets.labels import plain
from msde_gui.widgets.lattice import Lattice, block
from msde_gui.widgets.matrix_paint import MatrixContent, paint, paint_share

Cells = Sequence[tuple[int, int]]  # (truth, predicted)
STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class Matrix(QWidget):
    """Says ``chosen`` with all cells that are chosen now; Shift adds to those before."""

    chosen = Signal(object)  # a list of (truth, predicted)
    export_wanted = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        n = len(names)
        self._names = names
        self._counts: NDArray[np.int64] = np.zeros((n, n), dtype=np.int64)
        self._spread: NDArray[np.float64] = np.zeros((n, n))
        self._cells: frozenset[tuple[int, int]] = frozenset()
        self._anchor: tuple[int, int] | None = None  # where a drag began; -1 is a header
        self._end: tuple[int, int] | None = None
        self._cursor = (0, 0)
        self._keyed = False  # the cursor is shown to those who use the keyboard
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")

    def sizeHint(self) -> QSize:
        return QSize(440, 250)

    def minimumSizeHint(self) -> QSize:
        return QSize(270, 250)

    def show_counts(self, counts: NDArray[np.int64], spread: NDArray[np.float64]) -> None:
        """``spread`` is the standard deviation over folds of each share."""
        self._counts, self._spread = counts, spread
        self.update()

    def show_cells(self, cells: Cells) -> None:
        """Frame the chosen cells."""
        self._cells = frozenset(cells)
        self.update()

    def lattice(self) -> Lattice:
        """Where everything lies now."""
        return Lattice(len(self._names), self.width(), self.height())

    def as_tsv(self) -> str:
        """Counts with names, for a spreadsheet."""
        lines = ["\t".join(["truth", *self._names])]
        for name, row in zip(self._names, self._counts, strict=True):
            lines.append("\t".join([name, *(str(count) for count in row)]))
        return "\n".join(lines) + "\n"

    def tip(self, truth: int, predicted: int) -> str:
        """What a cell says when one points at it."""
        count, total = self._counts[truth, predicted], self._counts[truth].sum()
        share = 100 * count / max(1, total)
        text = f"{self._names[truth]} → {self._names[predicted]}: {count:,} of {total:,}"
        return f"{text}, {share:.1f} % ± {100 * self._spread[truth, predicted]:.1f} over folds"

    def paintEvent(self, event: QPaintEvent) -> None:
        dragged = block(self._anchor, self._end, len(self._names))
        look = MatrixContent(
            self._names,
            self._counts,
            frozenset(dragged) or self._cells,
            self._cursor if self._keyed and self.hasFocus() else None,
        )
        paint(QPainter(self), self.lattice(), look, self.paint_cell)

    def paint_cell(self, painter: QPainter, room: QRectF, row: int, column: int) -> None:
        """One cell; a matrix of another kind overrides it."""
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        paint_share(painter, room, count, total)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.lattice().at(event.position())
        self._keyed = False
        if event.button() == Qt.MouseButton.LeftButton and place:
            self._anchor = self._end = place
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.lattice().at(event.position())
        hand = Qt.CursorShape.PointingHandCursor if place else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        if self._anchor and place and (-1 in place) == (-1 in self._anchor):
            self._end = place
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cells = block(self._anchor, self._end, len(self._names))
        self._anchor = self._end = None
        if cells:
            self._cursor = cells[0]
            self._choose(cells, event.modifiers())
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        self._keyed = True
        if key in STEPS:
            last = len(self._names) - 1
            moved = (here + by for here, by in zip(self._cursor, STEPS[key], strict=True))
            row, column = (min(last, max(0, place)) for place in moved)
            self._cursor = (row, column)
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose([self._cursor], event.modifiers())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self.lattice().at(QPointF(event.pos()))
        cells = block(place, place, len(self._names))
        if cells and not self._cells.issuperset(cells):
            self._choose(cells, Qt.KeyboardModifier.NoModifier)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy as TSV", self._copy)
        export = menu.addAction("Export image list", self.export_wanted.emit)
        export.setEnabled(bool(self._cells))
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.lattice().at(QPointF(event.pos()))
            text = self.tip(*place) if place and -1 not in place else ""
            QToolTip.showText(event.globalPos(), plain(text), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._keyed = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_tsv())

    def _choose(self, cells: Cells, modifiers: Qt.KeyboardModifier) -> None:
        adding = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        self._cells = frozenset(cells) | (self._cells if adding else frozenset())
        self.update()
        self.chosen.emit(sorted(self._cells))
