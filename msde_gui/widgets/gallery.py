"""Faces in a grid that stays smooth at any number of them: only what is seen is decoded."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QStyle, QToolTip, QWidget

from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.grid import GAP, TileGrid
from msde_gui.widgets.labels import plain
from msde_gui.widgets.marks import draw_frame, draw_place, draw_wrong
from msde_gui.widgets.pictures import Jpeg, Pixmaps

BUDGET = 0.007  # seconds of decoding in one frame; the rest follows in the next one
NOTHING: NDArray[np.int64] = np.array([], dtype=np.int64)


class Gallery(QAbstractScrollArea):
    """Shows ids; ``jpeg`` gives the picture of one, ``caption`` its tooltip."""

    chosen = Signal(object)  # the id that was clicked or stepped to
    partner_wanted = Signal()  # Space

    def __init__(
        self, jpeg: Jpeg, caption: Callable[[int], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pictures = Pixmaps(jpeg)
        self._caption = caption
        self._ids = NOTHING
        self._wrong: frozenset[int] = frozenset()
        self._focused: int | None = None
        self._size = 96
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def ids(self) -> NDArray[np.int64]:
        return self._ids

    def show_ids(self, ids: NDArray[np.int64], wrong: frozenset[int] = frozenset()) -> None:
        """Show these samples in this order; ``wrong`` ones carry a mark."""
        if not np.array_equal(ids, self._ids):
            self._ids = ids
            self.verticalScrollBar().setValue(0)
        self._wrong = wrong
        self._lay_out()

    def set_size(self, size: int) -> None:
        """About how many px a face is wide; the first face in sight stays in sight."""
        first = self._grid().visible(self._top(), 1).start
        self._size = size
        self._lay_out()
        self.verticalScrollBar().setValue(self._grid().corner(first)[1])

    def set_focused(self, number: int | None) -> None:
        """Frame one face and scroll to it."""
        if number != self._focused:
            self._focused = number
            self._reveal()
            self.viewport().update()

    def forget(self) -> None:
        """Another study: its ids mean other pictures."""
        self._pictures.clear()
        self.viewport().update()

    def _grid(self) -> TileGrid:
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        return TileGrid(max(1, self.width() - bar - 2), self._size, len(self._ids))

    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _lay_out(self) -> None:
        grid, page = self._grid(), self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, grid.height - page))
        bar.setPageStep(page)
        bar.setSingleStep(max(16, grid.step // 3))
        self._pictures.fit(
            grid.side, self.devicePixelRatioF(), len(grid.visible(self._top(), page))
        )
        self.viewport().update()

    def _place_of(self, number: int | None) -> int | None:
        places = np.flatnonzero(self._ids == number)
        return int(places[0]) if places.size else None

    def _reveal(self) -> None:
        place, bar = self._place_of(self._focused), self.verticalScrollBar()
        if place is None:
            return
        grid, page = self._grid(), self.viewport().height()
        top = grid.corner(place)[1]
        if top < bar.value():
            bar.setValue(top)
        elif top + grid.side > bar.value() + page:
            bar.setValue(top + grid.side + GAP - page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(theme.current().surface))
        grid, top = self._grid(), self._top()
        ends, waiting = perf_counter() + BUDGET, False
        for place in grid.visible(top, self.viewport().height()):
            number = int(self._ids[place])
            picture = self._pictures.ready(number)
            if picture is None and perf_counter() < ends:
                picture = self._pictures.decode(number)
            waiting |= picture is None
            x, y = grid.corner(place)
            square = QRectF(x, y - top, grid.side, grid.side)
            if picture is None or picture.isNull():
                self._draw_absent(painter, square, lost=picture is not None)
            else:
                painter.drawPixmap(square.topLeft(), picture)
            self._draw_marks(painter, square, number)
        painter.end()
        if waiting:
            QTimer.singleShot(0, self, self.viewport().update)

    @staticmethod
    def _draw_absent(painter: QPainter, square: QRectF, *, lost: bool) -> None:
        draw_place(painter, square)
        if lost:
            side = round(square.width() / 3)
            image = icon("mdi6.image-off-outline", theme.current().dim).pixmap(side, side)
            painter.drawPixmap(square.center() - QRectF(0, 0, side, side).center(), image)

    def _draw_marks(self, painter: QPainter, square: QRectF, number: int) -> None:
        if number in self._wrong:
            draw_wrong(painter, square)
        if number == self._focused:
            draw_frame(painter, square)

    def _under(self, point: QPoint) -> int | None:
        place = self._grid().at(point.x(), point.y() + self._top())
        return None if place is None else int(self._ids[place])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._under(event.position().toPoint())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._grid().columns,
            Qt.Key.Key_Down: self._grid().columns,
            Qt.Key.Key_Home: -len(self._ids),
            Qt.Key.Key_End: len(self._ids),
        }
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        elif event.key() == Qt.Key.Key_Space:
            self.partner_wanted.emit()
        elif event.key() in steps and len(self._ids):
            self._step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        place = self._place_of(self._focused)
        target = 0 if place is None else min(len(self._ids) - 1, max(0, place + by))
        self.chosen.emit(int(self._ids[target]))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._under(event.pos())
            caption = "" if number is None else self._caption(number)
            QToolTip.showText(event.globalPos(), plain(caption), self)
            return True
        return super().viewportEvent(event)
