"""The cells of all runs in a grid: what is told to the board is told to each of them."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.cell import EmbeddingCell
from msde_gui.plots.scatter import NOBODY, Scatter

NARROWEST = 300  # px of a cell where there is a choice
COLUMNS = {1: 1, 2: 2, 4: 2}  # by the number of cells; else three
MOST = 6


class Board(QScrollArea):
    """Its signals name the run of the cell in which something happened."""

    lassoed = Signal(str, object, bool)  # ids, and whether they are to be added
    picked = Signal(str, object, bool)  # one id
    hovered = Signal(str, object)  # the id under the pointer, or nothing

    def __init__(self, drawn: EmbeddingAppearance) -> None:
        super().__init__()
        self._drawn = drawn
        self._ringed: NDArray[np.int64] = NOBODY
        self.cells: dict[str, EmbeddingCell] = {}
        self.tool = "lasso"
        self.alone = ""  # the only run that is shown; empty: all of them
        inside = QWidget()
        self.grid = QGridLayout(inside)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(10)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(inside)

    def show_runs(self, runs: Sequence[str]) -> list[str]:
        """One cell a run, in this order; answers with those that are new and still empty."""
        for run in [run for run in self.cells if run not in runs]:
            cell = self.cells.pop(run)
            self.grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        new = [run for run in runs if run not in self.cells]
        made = {run: self.cells.get(run) or self._made(run) for run in runs}
        self.cells = made
        self.alone = self.alone if self.alone in made else ""
        self._arrange()
        return new

    def show_next(self) -> None:
        """One run alone, then the next, and after the last all of them."""
        ring = ["", *self.cells]
        self.alone = ring[(ring.index(self.alone) + 1) % len(ring)]
        self._arrange()

    def use(self, tool: str) -> None:
        """``lasso`` or ``pan``, in every plot."""
        self.tool = tool
        self._tell(lambda scatter: scatter.set_tool(tool))

    def reset(self) -> None:
        """Every plot shows all of its points."""
        self._tell(Scatter.reset)

    def ring(self, ids: NDArray[np.int64]) -> None:
        self._ringed = ids
        self._tell(lambda scatter: scatter.show_ringed(ids))

    def point(self, number: int | None) -> None:
        """Mark one sample in every plot."""
        self._tell(lambda scatter: scatter.show_hovered(number))

    def say(self, absent: str) -> None:
        """Why a cell is empty."""
        for cell in self.cells.values():
            cell.say(absent)

    def redraw(self) -> None:
        """Other colours, or another choice of what is shown."""
        for cell in self.cells.values():
            cell.redraw()

    def refresh(self) -> None:
        """In the colours of the theme as it is now."""
        for cell in self.cells.values():
            cell.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _tell(self, verb: Callable[[Scatter], None]) -> None:
        for cell in self.cells.values():
            verb(cell.scatter)

    def _made(self, run: str) -> EmbeddingCell:
        cell = EmbeddingCell(run, self._drawn)
        cell.scatter.set_tool(self.tool)
        cell.scatter.show_ringed(self._ringed)
        cell.scatter.lassoed.connect(partial(self.lassoed.emit, run))
        cell.scatter.picked.connect(partial(self.picked.emit, run))
        cell.scatter.hovered.connect(partial(self.hovered.emit, run))
        return cell

    def _arrange(self) -> None:
        """As many columns as there is room for."""
        shown = [cell for run, cell in self.cells.items() if self.alone in ("", run)]
        count = len(shown)
        columns = min(max(1, self.width() // NARROWEST), COLUMNS.get(count, 3))
        for place, cell in enumerate(shown):
            self.grid.addWidget(cell, *divmod(place, columns))
        for cell in self.cells.values():
            cell.setVisible(cell in shown)
        for number in range(MOST):
            self.grid.setColumnStretch(number, 1 if number < columns else 0)
            self.grid.setRowStretch(number, 1 if number * columns < count else 0)
