"""Several scatter plots as one figure, drawn by any painter: on paper, in pixels or as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from msde_gui.plots.marks import ALPHA, MarkStyles, Strength
from msde_gui.style import theme

SIDE, HEAD, FOOT, GAP = 420, 34, 40, 18  # px of one plot
KEY, NOTE = 64, 38  # px of what is written under all, and of its last line
DOT, FAINT = 6.5, 4.5  # px across


@dataclass(frozen=True, eq=False)
class FigurePart:
    """One plot: a title, points with their look, ringed rows, joined rows, words under it."""

    title: str
    points: NDArray[np.float32]
    look: MarkStyles
    ringed: NDArray[np.int64]
    pairs: NDArray[np.int64]
    words: str


def size(parts: Sequence[object], columns: int) -> QSize:
    """Of the whole figure, in px at scale 1."""
    rows = -(-len(parts) // columns)
    return QSize(columns * (SIDE + GAP) + GAP, rows * (HEAD + SIDE + FOOT + GAP) + GAP + KEY)


@dataclass(frozen=True)
class Key:
    """What is written under all: names and colours, then how the whole was made."""

    entries: Sequence[tuple[str, str]]
    note: str


def draw(painter: QPainter, parts: Sequence[FigurePart], columns: int, key: Key) -> None:
    """On white, as for a paper."""
    whole = size(parts, columns)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, whole.width(), whole.height()), QColor("#ffffff"))
    for number, part in enumerate(parts):
        row, column = divmod(number, columns)
        left = GAP + column * (SIDE + GAP)
        top = GAP + row * (HEAD + SIDE + FOOT + GAP)
        _draw_part(painter, part, QPointF(left, top))
    _draw_legend(painter, key.entries, whole.height() - KEY)
    under = QRectF(GAP, whole.height() - NOTE, whole.width() - 2 * GAP, NOTE)
    _write(painter, under, key.note, 11)


def _draw_part(painter: QPainter, part: FigurePart, corner: QPointF) -> None:
    head = QRectF(corner.x(), corner.y(), SIDE, HEAD)
    room = QRectF(corner.x(), head.bottom(), SIDE, SIDE)
    _write(painter, head, part.title, 15, bold=True)
    _write(painter, QRectF(room.left(), room.bottom() + 4, SIDE, FOOT), part.words, 10)
    painter.setPen(QPen(QColor(theme.LIGHT.line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(room)
    places = _place_points(part, room.adjusted(10, 10, -10, -10))
    painter.setPen(QPen(QColor(0, 0, 0, 70), 0.6))
    solid = part.look.strengths == Strength.SOLID
    for first, second in part.pairs[solid[part.pairs].all(axis=1)]:
        painter.drawLine(QPointF(*places[first]), QPointF(*places[second]))
    shuffled = np.random.default_rng(0).permutation(len(places))
    for row in shuffled[np.argsort(part.look.strengths[shuffled], kind="stable")]:
        _draw_point(painter, part.look, int(row), QPointF(*places[row]))
    painter.setPen(QPen(QColor(theme.LIGHT.accent), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for row in part.ringed:
        painter.drawEllipse(QPointF(*places[row]), DOT - 0.5, DOT - 0.5)


def _draw_point(painter: QPainter, look: MarkStyles, row: int, place: QPointF) -> None:
    strength = Strength(look.strengths[row])
    if strength is Strength.HIDDEN:
        return
    solid = strength is Strength.SOLID
    colour = QColor(look.palette[look.colours[row]])
    colour.setAlphaF(ALPHA[strength])
    painter.setBrush(colour)
    painter.setPen(QPen(QColor(theme.LIGHT.outline), 0.6) if solid else Qt.PenStyle.NoPen)
    half = (DOT if solid else FAINT) / 2
    if look.squares[row]:
        painter.drawRect(QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half))
    else:
        painter.drawEllipse(place, half, half)


def _place_points(part: FigurePart, room: QRectF) -> NDArray[np.float64]:
    """Where the points are, (n, 2), with one scale for both axes."""
    shown = part.points[part.look.strengths > Strength.HIDDEN].astype(np.float64)
    if not len(shown):
        return np.zeros((len(part.points), 2))
    low, high = shown.min(axis=0), shown.max(axis=0)
    scale = min(room.width(), room.height()) / max(float((high - low).max()), 1e-9)
    centre = np.array([room.center().x(), room.center().y()])
    return (part.points - (low + high) / 2) * (scale, -scale) + centre  # type: ignore[no-any-return]


def _draw_legend(painter: QPainter, entries: Sequence[tuple[str, str]], top: float) -> None:
    left = float(GAP)
    for name, colour in entries:
        painter.setPen(QPen(QColor(theme.LIGHT.outline), 0.6))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(left + 5, top + 12), 5, 5)
        width = 9.0 * len(name) + 10
        _write(painter, QRectF(left + 15, top, width, 24), name, 12)
        left += width + 22


def _write(painter: QPainter, room: QRectF, text: str, pixels: int, *, bold: bool = False) -> None:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(theme.LIGHT.text))
    where = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(room, where | Qt.TextFlag.TextWordWrap, text)
