"""How the points of a scatter plot look: colour, shape and strength of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from msde_gui import theme
from msde_gui.plots import pg


class Strength(IntEnum):
    """From not drawn at all to solid; only the last two can be pointed at."""

    HIDDEN = 0
    DIMMED = 1
    FAINT = 2
    SOLID = 3


ALPHA = {Strength.DIMMED: 0.16, Strength.FAINT: 0.38, Strength.SOLID: 1.0}
SIZE = {Strength.DIMMED: 5, Strength.FAINT: 4, Strength.SOLID: 7}  # px


@dataclass(frozen=True, eq=False)
class Look:
    """Of n points; rows as in the points."""

    colours: NDArray[np.int64]  # rows of the palette
    palette: tuple[str, ...]
    squares: NDArray[np.bool_]  # the others are circles
    strengths: NDArray[np.int8]

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which can be pointed at and lassoed."""
        return self.strengths >= Strength.FAINT


def styles(look: Look, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Symbols, pens, brushes and sizes for pyqtgraph, one for each of ``rows``."""
    light = theme.current() is theme.LIGHT
    strengths, levels = look.strengths[rows], list(Strength)[1:]
    pens = _objects([outline(light, one) for one in levels])
    brushes = _objects([brush(colour, one) for colour in look.palette for one in levels])
    return {
        "symbol": np.where(look.squares[rows], "s", "o").astype(object),
        "size": np.array([SIZE[one] for one in levels])[strengths - 1],
        "brush": brushes[len(levels) * look.colours[rows] + strengths - 1],
        "pen": pens[strengths - 1],
    }


def _objects(made: Sequence[object]) -> NDArray[np.object_]:
    table = np.empty(len(made), dtype=object)
    table[:] = made
    return table


@cache
def brush(colour: str, strength: Strength) -> QBrush:
    """Always the same object for the same look: pyqtgraph draws a symbol once for each."""
    tinted = QColor(colour)
    tinted.setAlphaF(ALPHA[strength])
    return QBrush(tinted)


@cache
def outline(light: bool, strength: Strength) -> QPen:
    """A dark line around each solid mark in the light theme."""
    if strength is not Strength.SOLID:
        return QPen(Qt.PenStyle.NoPen)
    pen = QPen(QColor((theme.LIGHT if light else theme.DARK).outline), 1)
    pen.setCosmetic(True)  # pyqtgraph scales the painter to the size of the mark
    return pen


@cache
def ring(colour: str, width: float) -> QPen:
    """Around what is selected or pointed at."""
    return pg.mkPen(colour, width=width)  # type: ignore[no-any-return]
