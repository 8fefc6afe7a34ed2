"""What a second run has more or less in each cell of the confusion matrix, as a diverging map."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from engine.evaluation.error_analysis import RunDifference
from msde_gui.style import theme
from msde_gui.widgets.matrix import Matrix
from msde_gui.widgets.matrix_paint import paint_texts

FAINTEST = 0.22  # of the colour, so that a single image is seen


class DifferenceMap(Matrix):
    """Net change with those who came and went below; grey where nothing changes on balance."""

    _came = _gone = _net = np.zeros((7, 7), dtype=np.int64)

    def show_difference(self, moved: RunDifference) -> None:
        after = np.bincount(moved.after, minlength=moved.net.size).reshape(moved.net.shape)
        self._came, self._gone, self._net = moved.came, moved.gone, moved.net
        self.show_counts(after, np.zeros(after.shape))

    def as_tsv(self) -> str:
        """Net changes with names."""
        lines = ["\t".join(["truth", *self._names])]
        for name, row in zip(self._names, self._net, strict=True):
            lines.append("\t".join([name, *(str(value) for value in row)]))
        return "\n".join(lines) + "\n"

    def tip(self, truth: int, predicted: int) -> str:
        """What a cell says when one points at it."""
        came, gone = self._came[truth, predicted], self._gone[truth, predicted]
        name = f"{self._names[truth]} → {self._names[predicted]}"
        return f"{name}: {self._net[truth, predicted]:+,} ({came:,} moved in, {gone:,} moved out)"

    def paint_cell(self, painter: QPainter, room: QRectF, row: int, column: int) -> None:
        came, gone = int(self._came[row, column]), int(self._gone[row, column])
        net = came - gone
        moves = f"+{came} −{gone}" if came or gone else ""
        shown = f"{net:+,}".replace("-", "−") if net else ("0" if moves else "")
        paint_texts(painter, room, self._ground(net), (shown, moves), bold=row == column)

    def _ground(self, net: int) -> QColor:
        strongest = int(np.abs(self._net).max())
        return diverging(net / strongest if strongest else 0.0)


def diverging(value: float) -> QColor:
    """Between loss (-1), the theme's grey (0) and gain (1)."""
    colours = theme.current()
    middle, end = QColor(colours.raised), QColor(colours.gain if value > 0 else colours.loss)
    share = FAINTEST + (1 - FAINTEST) * min(1.0, abs(value)) if value else 0.0
    parts = zip(_channels(middle), _channels(end), strict=True)
    return QColor.fromRgbF(*(float(one + share * (other - one)) for one, other in parts))


def _channels(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.redF(), colour.greenF(), colour.blueF()])
