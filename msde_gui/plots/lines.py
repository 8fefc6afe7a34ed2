"""The lines of one plot, kept between drawings: to move one is quicker than to make it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtGui import QPen

from msde_gui.plots import pg


class Lines:
    """Between ``begin`` and ``end`` every line is drawn that is to be there; others go."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._kept: dict[str, Any] = {}
        self._drawn: set[str] = set()

    def begin(self) -> None:
        self._drawn.clear()

    def line(self, name: str, y: ArrayLike, x: ArrayLike, pen: QPen, dot: str = "") -> None:
        """Through points whose y is finite; ``dot`` is the colour of marks on them."""
        item = self._kept.get(name) or self._added(name, pg.PlotDataItem(connect="finite"))
        marks = {"symbolBrush": dot, "symbolPen": None, "symbolSize": 5} if dot else {}
        item.setData(np.asarray(x), np.asarray(y), pen=pen, symbol="o" if dot else None, **marks)
        self._drawn.add(name)

    def mark(self, name: str, x: float, text: str, side: int, pen: QPen) -> None:
        """A vertical line with a word on its left (1) or right (0)."""
        item = self._kept.get(name)
        if item is None or item.label.anchors != [(side, 1)] * 2:
            self._drop(name)
            options = {"position": 0.06, "anchors": [(side, 1)] * 2}
            item = self._added(name, pg.InfiniteLine(x, label=text, labelOpts=options))
        item.setPen(pen)
        item.setValue(x)
        item.label.setColor(pen.color())
        item.label.setFormat(text)
        self._drawn.add(name)

    def end(self) -> None:
        for name in self._kept.keys() - self._drawn:
            self._drop(name)

    def _added(self, name: str, item: Any) -> Any:
        self._kept[name] = item
        self._plot.addItem(item)
        return item

    def _drop(self, name: str) -> None:
        if name in self._kept:
            self._plot.removeItem(self._kept.pop(name))
