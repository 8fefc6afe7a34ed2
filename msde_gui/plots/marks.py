"""How the points of a scatter plot look: colour, shape and strength of each."""

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from msde_gui.plots.dots import Pictures, Pixels, Which
from msde_gui.style import theme


class Strength(IntEnum):
    """From not drawn at all to solid; only the last two can be pointed at."""

    HIDDEN = 0
    DIMMED = 1
    FAINT = 2
    SOLID = 3


ALPHA = {Strength.DIMMED: 0.16, Strength.FAINT: 0.38, Strength.SOLID: 1.0}
SIZE = {Strength.DIMMED: 5, Strength.FAINT: 4, Strength.SOLID: 7}  # px
SIDE = 8.0  # px of a mark's picture
KINDS = [(strength, square) for strength in list(Strength)[1:] for square in (False, True)]


@dataclass(frozen=True, eq=False)
class MarkStyles:
    """How n points are drawn; rows as in the points."""

    colours: NDArray[np.int64]  # rows of the palette
    palette: tuple[str, ...]
    squares: NDArray[np.bool_]  # the others are circles
    strengths: NDArray[np.int8]

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which can be pointed at and lassoed."""
        return self.strengths >= Strength.FAINT


def marks(look: MarkStyles, rows: NDArray[np.int64]) -> tuple[Which, Pictures]:
    """Which picture each of ``rows`` is, and those pictures."""
    kinds = 2 * (look.strengths[rows].astype(np.int64) - 1) + look.squares[rows]
    used, which = np.unique(len(KINDS) * look.colours[rows] + kinds, return_inverse=True)
    colours, kinds = np.divmod(used, len(KINDS))
    tints = [QColor(look.palette[colour]).getRgb() for colour in colours]
    return which, partial(_tint, np.array(tints).reshape(-1, 4), kinds, theme.current().outline)


def ring(colour: str, size: float, width: float) -> Pictures:
    """Around what is selected or pointed at; ``size`` and ``width`` in px."""
    mark = _Mark(size, pen=QPen(QColor(colour), width))
    return lambda ratio: _draw(mark, size + math.ceil(width), ratio)[None]


@dataclass(frozen=True)
class _Mark:
    size: float  # px
    square: bool = False
    pen: QPen | Qt.PenStyle = Qt.PenStyle.NoPen
    brush: QBrush | Qt.BrushStyle = Qt.BrushStyle.NoBrush


def _tint(tints: NDArray[np.int64], kinds: Which, outline: str, ratio: float) -> Pixels:
    """A picture for each tint and row of ``KINDS``: each kind is drawn once and coloured here."""
    fill, line = QBrush(Qt.GlobalColor.white), QPen(QColor(outline), 1)
    inside, around = [], []
    for strength, square in KINDS:
        size, pen = SIZE[strength], line if strength is Strength.SOLID else Qt.PenStyle.NoPen
        white = _draw(_Mark(size, square, brush=fill), SIDE, ratio)
        inside.append(white * (ALPHA[strength] / 255))
        around.append(_draw(_Mark(size, square, pen=pen), SIDE, ratio))
    over = np.stack(around)[kinds]
    under = np.stack(inside)[kinds] * tints[:, None, None]
    return np.rint(over + under * (1 - over[..., 3:] / 255)).astype(np.uint8)


def _draw(mark: _Mark, side: float, ratio: float) -> Pixels:
    """In the middle of its picture, (side, side, 4) at so many pixels for each px."""
    length = math.ceil(side * ratio)
    image = QImage(length, length, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(length / 2, length / 2)
    painter.scale(ratio, ratio)
    painter.setPen(mark.pen)
    painter.setBrush(mark.brush)
    place = QRectF(-mark.size / 2, -mark.size / 2, mark.size, mark.size)
    (painter.drawRect if mark.square else painter.drawEllipse)(place)
    painter.end()
    return np.array(image.constBits(), dtype=np.uint8).reshape(length, length, 4)
