"""How a confusion matrix looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from msde_gui import theme
from msde_gui.widgets.lattice import Lattice
from msde_gui.widgets.scale import ink, shade

ROUND = 4
TWO_LINES = 30  # px of height from which the count has room below the share
CENTRE = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Look:
    """What is to be seen."""

    names: Sequence[str]
    counts: NDArray[np.int64]
    chosen: frozenset[tuple[int, int]]
    cursor: tuple[int, int] | None  # of the keyboard


def paint(painter: QPainter, lattice: Lattice, look: Look) -> None:
    """Headers, cells, totals, frames."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_headers(painter, lattice, look)
    totals = look.counts.sum(axis=1)
    for row in range(lattice.n):
        for column in range(lattice.n):
            count, total = int(look.counts[row, column]), int(totals[row])
            _paint_cell(painter, lattice.rect(row, column), count, total)
    _paint_frames(painter, lattice, look)
    painter.end()


def _paint_headers(painter: QPainter, lattice: Lattice, look: Look) -> None:
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


def _paint_cell(painter: QPainter, room: QRectF, count: int, total: int) -> None:
    colours = theme.current()
    share = count / total if total else 0.0
    ground = shade(share) if total else QColor(colours.raised)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(room, ROUND, ROUND)
    if not total:
        return
    text = ink(ground)
    _write(painter, 12, text.name(), bold=share >= 0.5)
    if room.height() < TWO_LINES or not count:
        painter.drawText(room, CENTRE, f"{100 * share:.0f}")
        return
    upper = QRectF(room.left(), room.center().y() - 15, room.width(), 17)
    lower = QRectF(room.left(), room.center().y() + 1, room.width(), 12)
    painter.drawText(upper, CENTRE, f"{100 * share:.0f}")
    text.setAlphaF(0.72)
    _write(painter, 9, text.name(QColor.NameFormat.HexArgb))
    painter.drawText(lower, CENTRE, f"{count:,}")


def _paint_frames(painter: QPainter, lattice: Lattice, look: Look) -> None:
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
