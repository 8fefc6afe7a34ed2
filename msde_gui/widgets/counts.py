"""How many faces there are of each expression, with and without a mask."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from msde_gui.style import theme
from msde_gui.widgets.labels import label

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Counts(QWidget):
    """Expressions across, conditions down, totals at both ends."""

    def __init__(
        self, columns: Sequence[str], rows: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        self._numbers: dict[tuple[int, int], QLabel] = {}
        self._heads = [label(name, "dim") for name in [*columns, "total"]]
        for column, head in enumerate(self._heads):
            head.setAlignment(RIGHT)
            grid.addWidget(head, 0, column + 1)
            grid.setColumnStretch(column + 1, 1)
        for row, name in enumerate([*rows, "total"]):
            grid.addWidget(label(name, "dim" if name == "total" else ""), row + 1, 0)
            for column in range(len(columns) + 1):
                number = label("0")
                number.setAlignment(RIGHT)
                self._numbers[row, column] = number
                grid.addWidget(number, row + 1, column + 1)
        self._last = (len(rows), len(columns))
        self._table: NDArray[np.int64] = np.zeros((len(columns), len(rows)), dtype=np.int64)
        self.refresh()

    def show_counts(self, table: NDArray[np.int64]) -> None:
        """``table`` is (expressions, conditions)."""
        self._table = table
        self.refresh()

    def compare(self, name: str, across: Sequence[str], down: Sequence[str]) -> None:
        """Lay the totals of another dataset beside these, quietly. Both end with its whole."""
        rows, columns = self._last
        for row, text in enumerate([name, *down]):
            self._add_quiet(text, row, columns + 2)
        for column, text in enumerate([name, *across]):
            self._add_quiet(text, rows + 2, column)
        self._grid.setColumnStretch(columns + 2, 1)

    def _add_quiet(self, text: str, row: int, column: int) -> None:
        made = label(text, "dim")
        if column:
            made.setAlignment(RIGHT)
        self._grid.addWidget(made, row, column)

    def refresh(self) -> None:
        across = self._table.T
        whole = np.vstack([across, across.sum(axis=0)])
        whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
        for (row, column), number in self._numbers.items():
            count = int(whole[row, column])
            number.setText(f"{count:,}" if count else "–")
            total = row == self._last[0] or column == self._last[1]
            quiet = total or not count
            number.setStyleSheet(f"color: {theme.current().dim};" if quiet else "")
