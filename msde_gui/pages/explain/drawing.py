"""Draw the sheet: on the screen, into a picture or into a vector file."""

from collections.abc import Iterator

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from engine.domain import Expression
from msde_gui.heatmaps.pixmaps import HeatmapPixmaps, draw
from msde_gui.heatmaps.requests import SampleHeatmap
from msde_gui.pages.explain.layout import LINE, HeatmapLayout
from msde_gui.pages.explain.snapshot import Still
from msde_gui.style import theme
from msde_gui.widgets.marks import draw_frame, draw_wrong

TOP_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
WRAPPED = TOP_LEFT | Qt.TextFlag.TextWordWrap
ROOMY = 132  # px of a face under which a condition finds room
SHORT, ELIDED = 12, Qt.TextElideMode.ElideRight  # px of small text


class Drawing:
    """One sheet. Positions are the sheet's own; move the painter to scroll."""

    def __init__(
        self,
        painter: QPainter,
        sheet: HeatmapLayout,
        still: Still,
        pictures: HeatmapPixmaps,
        ratio: float,
    ) -> None:
        self._painter, self._sheet, self._still = painter, sheet, still
        self._pictures, self._ratio = pictures, ratio
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)

    def heads(self) -> None:
        """The runs, and below each what was read of its networks."""
        colours = theme.current()
        self._line(_line(self._sheet.head(-1), 0), "Face", colours.text, bold=True)
        for column, run in enumerate(self._still.runs):
            head = self._sheet.head(column)
            self._line(_line(head, 0), run, colours.text, bold=True)
            self._font(SHORT - 1)
            self._painter.setPen(QColor(colours.dim))
            below = head.adjusted(0, LINE + 1, 0, 0)
            self._painter.drawText(below, WRAPPED, self._still.phrase(column))

    def row(self, row: int) -> Iterator[None]:
        """Draws one picture at each step."""
        sample, colours, sheet = self._still.samples[row], theme.current(), self._sheet
        face = self._pictures.face(sample.id, sheet.side, self._ratio)
        draw(self._painter, sheet.square(row, -1), face, None, 1.0)
        self._line(sheet.caption(row, -1, 0), sample.subject, colours.text)
        wide = sheet.side >= ROOMY
        condition = sample.condition.title if wide else sample.condition.short.upper()
        words = f"{sample.expression.title}, {condition}"
        self._line(sheet.caption(row, -1, 1), words, colours.dim)
        for column in range(len(self._still.runs)):
            yield
            self._cell(row, column, face, sample.expression)

    def mark(self, row: int, *, focused: bool, pointed: bool) -> None:
        """Where the focus and the pointer are."""
        square = self._sheet.square(row, -1)
        if focused:
            draw_frame(self._painter, square)
        elif pointed:
            self._outline(square)

    def _cell(self, row: int, column: int, face: QPixmap, truth: int) -> None:
        cell, look, sheet = self._still.cells[row, column], self._still.look, self._sheet
        square, made = sheet.square(row, column), cell.map
        if not made:
            self._wait(square, face, cell.why)
            return
        heat = None
        if self._still.shown and not face.isNull():
            heat = self._pictures.heat(made, cell.peak, look.colours, face)
        draw(self._painter, square, face, heat, look.opacity)
        if made.predicted != truth:
            draw_wrong(self._painter, square)
        colours = theme.current()
        colour = colours.gain if made.predicted == truth else colours.loss
        self._line(sheet.caption(row, column, 0), verdict(made, truth), colour)
        self._line(sheet.caption(row, column, 1), describe_network(made), colours.dim)

    def _wait(self, square: QRectF, face: QPixmap, why: str) -> None:
        """The face alone, pale, until its heatmap is there; or the reason why none comes."""
        self._painter.setOpacity(0.25)
        draw(self._painter, square, face, None, 1.0)
        self._painter.setOpacity(1.0)
        self._painter.setPen(QColor(theme.current().text if why else theme.current().dim))
        self._font(SHORT)
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        self._painter.drawText(square.adjusted(6, 6, -6, -6), middle, why or "…")

    def _outline(self, square: QRectF) -> None:
        self._painter.setPen(QColor(theme.current().text))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(square, 6, 6)

    def _line(self, room: QRectF, text: str, colour: str, *, bold: bool = False) -> None:
        font = self._font(SHORT, bold)
        self._painter.setPen(QColor(colour))
        shown = QFontMetricsF(font).elidedText(text, ELIDED, room.width())
        self._painter.drawText(room, TOP_LEFT, shown)

    def _font(self, size: int, bold: bool = False) -> QFont:
        font = QFont(self._painter.font())
        font.setPixelSize(size)
        font.setBold(bold)
        self._painter.setFont(font)
        return font


def _line(room: QRectF, line: int) -> QRectF:
    return QRectF(room.left(), room.top() + line * LINE, room.width(), LINE)


def verdict(made: SampleHeatmap, truth: int) -> str:
    """What the run says, and whether it is right."""
    sign = "✓" if made.predicted == truth else "✗"
    return f"{sign} {Expression(made.predicted).title} {max(made.probabilities):.2f}"


def describe_network(made: SampleHeatmap) -> str:
    """Whose network it was, and what is explained if that is not its answer."""
    fold = f"fold {made.fold + 1}"
    if made.target != made.predicted:
        return f"for {Expression(made.target).title} · {fold}"
    return f"{fold}, held out"
