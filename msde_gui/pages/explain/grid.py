"""The sheet of faces and heatmaps as a widget: it scrolls, is pointed at and clicked."""

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from msde_gui.heatmaps.pixmaps import HeatmapPixmaps, place
from msde_gui.pages.explain.drawing import Drawing
from msde_gui.pages.explain.layout import HEAD, HeatmapLayout
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.style import theme
from msde_gui.widgets.labels import plain

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}


class HeatmapGrid(QAbstractScrollArea):
    """Reads the model; only rows in sight are drawn."""

    pointed = Signal(object)  # (row, column, x, y): the point in the picture, 0 to 1; or None
    chosen = Signal(int)  # a sample's id
    looked_at = Signal(int)  # the row at the top
    other_wanted = Signal()  # Space: the other face of the pair

    def __init__(
        self, model: ExplainModel, pictures: HeatmapPixmaps, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._pictures = model, pictures
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Heatmaps, a row for each face, a column for each run")
        self.verticalScrollBar().valueChanged.connect(self._say_top)

    def sheet(self) -> HeatmapLayout:
        """Where everything lies now."""
        port = self.viewport()
        return HeatmapLayout(
            port.width(), port.height(), len(self._model.rows), len(self._model.runs)
        )

    def refresh(self) -> None:
        sheet, bar = self.sheet(), self.verticalScrollBar()
        bar.setRange(0, max(0, sheet.length - sheet.height))
        bar.setPageStep(max(1, sheet.height - HEAD))
        bar.setSingleStep(max(16, sheet.step // 3))
        self.viewport().update()

    def reveal(self, number: int | None) -> None:
        """Scroll to a face, if it is here."""
        if number not in self._model.rows:
            return
        sheet, bar = self.sheet(), self.verticalScrollBar()
        top = sheet.step * self._model.rows.index(number)
        if not bar.value() <= top <= bar.value() + sheet.height - HEAD - sheet.step:
            bar.setValue(top)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, sheet = QPainter(self.viewport()), self.sheet()
        ground, top = QColor(theme.current().surface), self.verticalScrollBar().value()
        painter.fillRect(event.rect(), ground)
        still, session = self._model.still, self._model.session
        drawing = Drawing(painter, sheet, still, self._pictures, self.devicePixelRatioF())
        painter.save()
        painter.setClipRect(0, HEAD, sheet.width, sheet.height - HEAD)
        painter.translate(0, -top)
        for row in sheet.visible(top):
            for _ in drawing.row(row):
                pass
            number = still.samples[row].id
            drawing.mark(row, focused=number == session.focused, pointed=number == session.pointed)
        painter.restore()
        drawing.heads()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.refresh()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self._under(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._under(event.position())
        if found and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._model.rows[found[0]])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, focused = self._model.rows, self._model.session.focused
        if event.modifiers() & Qt.KeyboardModifier.AltModifier or not rows:
            event.ignore()
        elif event.key() == Qt.Key.Key_Space:
            self.other_wanted.emit()
        elif event.key() in STEPS:
            here = rows.index(focused) + STEPS[Qt.Key(event.key())] if focused in rows else 0
            self.chosen.emit(rows[min(len(rows) - 1, max(0, here))])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.chosen.emit(rows[0 if event.key() == Qt.Key.Key_Home else -1])
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(None)
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain(self._tip(QPointF(event.pos()))), self)
            return True
        return super().viewportEvent(event)

    def _under(self, point: QPointF) -> tuple[int, int, float, float] | None:
        if point.y() < HEAD:
            return None
        sheet = self.sheet()
        inside = point + QPointF(0, self.verticalScrollBar().value())
        found = sheet.at(inside)
        if not found:
            return None
        face = self._pictures.face(self._model.rows[found[0]], sheet.side, self.devicePixelRatioF())
        room = place(face, sheet.square(*found))
        away = inside - room.topLeft()
        return (*found, away.x() / room.width(), away.y() / room.height())

    def _tip(self, point: QPointF) -> str:
        """The whole text of a header."""
        column = int(point.x() // max(1, self.sheet().square(0, 0).left())) - 1
        if point.y() >= HEAD or not 0 <= column < len(self._model.runs):
            return ""
        return "\n".join(filter(None, (self._model.runs[column], self._model.still.phrase(column))))

    def _say_top(self) -> None:
        sheet = self.sheet()
        if sheet.rows:
            self.looked_at.emit(sheet.row_at(self.verticalScrollBar().value() + HEAD))
