"""How a confusion matrix looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from msde_gui.style import theme
from msde_gui.widgets.lattice import Lattice
from msde_gui.widgets.scale import ink, shade

ROUND = 4
TWO_LINES = 30  # px of height from which the count has room below the share
CENTRE = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class MatrixContent:
    """What is to be seen."""

    names: Sequence[str]
    counts: NDArray[np.int64]
    chosen: frozenset[tuple[int, int]]
    cursor: tuple[int, int] | None  # of the keyboard


PaintCell = Callable[[QPainter, QRectF, int, int], None]


def paint(painter: QPainter, lattice: Lattice, look: MatrixContent, paint_cell: PaintCell) -> None:
    """Headers, cells, totals, frames."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_headers(painter, lattice, look)
    for row in range(lattice.n):
        for column in range(lattice.n):
            paint_cell(painter, lattice.rect(row, column), row, column)
    _paint_frames(painter, lattice, look)
    painter.end()


def _paint_headers(painter: QPainter, lattice: Lattice, look: MatrixContent) -> None:
    colours = theme.current()
    _write(painter, 11, colours.dim)
    for number, name in enumerate(look.names):
        painter.drawText(lattice.row_name(number), RIGHT, name)
        painter.drawText(lattice.total(number), LEFT, f"{look.counts[number].sum():,}")
        room = lattice.column_name(number)
        fits = painter.fontMetrics().horizontalAdvance(name) <= room.width() + 1
        painter.drawText(room, CENTRE, name if fits else name[:4])
    total = lattice.total(0)
    painter.drawText(QRectF(total.left(), 0, total.width(), 18), LEFT, "n")


def paint_share(painter: QPainter, room: QRectF, count: int, total: int) -> None:
    """A share of its row in percent, with the count below."""
    share = count / total if total else 0.0
    ground = shade(share) if total else QColor(theme.current().raised)
    texts = f"{100 * share:.0f}" if total else "", f"{count:,}" if count else ""
    paint_texts(painter, room, ground, texts, bold=share >= 0.5)


def paint_texts(
    painter: QPainter, room: QRectF, ground: QColor, texts: tuple[str, str], *, bold: bool
) -> None:
    """A coloured cell with a text and, where there is room, a small one below it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(room, ROUND, ROUND)
    text = ink(ground)
    _write(painter, 12, text.name(), bold=bold)
    if room.height() < TWO_LINES or not texts[1]:
        painter.drawText(room, CENTRE, texts[0])
        return
    upper = QRectF(room.left(), room.center().y() - 15, room.width(), 17)
    lower = QRectF(room.left(), room.center().y() + 1, room.width(), 12)
    painter.drawText(upper, CENTRE, texts[0])
    text.setAlphaF(0.72)
    _write(painter, 9, text.name(QColor.NameFormat.HexArgb))
    painter.drawText(lower, CENTRE, texts[1])


def _paint_frames(painter: QPainter, lattice: Lattice, look: MatrixContent) -> None:
    colours = theme.current()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for row, column in look.chosen:
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.drawRoundedRect(lattice.rect(row, column), ROUND, ROUND)
    if look.cursor:
        painter.setPen(QPen(QColor(colours.text), 1.4, Qt.PenStyle.DotLine))
        painter.drawRoundedRect(lattice.rect(*look.cursor).adjusted(3, 3, -3, -3), 2, 2)


def _write(painter: QPainter, size: int, colour: str, *, bold: bool = False) -> None:
    font = QFont(painter.font())
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colour))
