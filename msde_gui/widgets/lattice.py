"""Where the cells and headers of a square matrix lie: plain arithmetic, no painting."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

NAMES, TOTALS, HEAD, GAP = 64, 40, 22, 2.5  # px
WIDEST, HIGHEST = 76.0, 46.0  # px of a cell
TALLEST = 1.3  # times its width


@dataclass(frozen=True)
class Lattice:
    """``n`` × ``n`` cells with row names on the left, totals on the right, column names above."""

    n: int
    width: int
    height: int

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell."""
        wide = (self.width - NAMES - TOTALS) / self.n - GAP
        high = (self.height - HEAD) / self.n - GAP
        wide = max(8.0, min(WIDEST, wide))
        return wide, max(8.0, min(HIGHEST, wide * TALLEST, high))

    @property
    def _left(self) -> float:
        """Where the first cell begins: the whole lies in the middle of its room."""
        wide, _ = self.cell
        whole = NAMES + TOTALS + self.n * (wide + GAP)
        return NAMES + max(0.0, (self.width - whole) / 2)

    def rect(self, row: int, column: int) -> QRectF:
        wide, high = self.cell
        left = self._left + column * (wide + GAP)
        return QRectF(left, HEAD + row * (high + GAP), wide, high)

    def row_name(self, row: int) -> QRectF:
        first = self.rect(row, 0)
        return QRectF(first.left() - NAMES, first.top(), NAMES - 8, first.height())

    def total(self, row: int) -> QRectF:
        last = self.rect(row, self.n - 1)
        return QRectF(last.right() + 6, last.top(), TOTALS - 6, last.height())

    def column_name(self, column: int) -> QRectF:
        first = self.rect(0, column)
        return QRectF(first.left(), 0, first.width(), HEAD - 4)

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """The cell under a point; (row, -1) or (-1, column) on a header."""
        wide, high = self.cell
        column = int((point.x() - self._left) // (wide + GAP))
        row = int((point.y() - HEAD) // (high + GAP))
        inside_row, inside_column = 0 <= row < self.n, 0 <= column < self.n
        if inside_row and inside_column:
            return row, column
        if inside_row and self._left - NAMES <= point.x() < self._left:
            return row, -1
        if inside_column and 0 <= point.y() < HEAD:
            return -1, column
        return None


def block(
    start: tuple[int, int] | None, end: tuple[int, int] | None, n: int
) -> list[tuple[int, int]]:
    """All cells between two corners; a header stands for its whole row or column."""
    if start is None or end is None:
        return []
    rows = _span(start[0], end[0], n)
    columns = _span(start[1], end[1], n)
    return [(row, column) for row in rows for column in columns]


def _span(start: int, end: int, n: int) -> range:
    return range(n) if -1 in (start, end) else range(min(start, end), max(start, end) + 1)
