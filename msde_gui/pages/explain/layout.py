"""Where faces, heatmaps and their captions lie: plain arithmetic, no painting."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

HEAD, TEXT, GAP, LINE = 76, 36, 12, 17  # px
SMALLEST, LARGEST = 64, 220  # px of a face


@dataclass(frozen=True)
class HeatmapLayout:
    """A row for each face, which stands first; then a column for each run, under a header."""

    width: int
    height: int  # of the window onto it
    rows: int
    runs: int

    @property
    def side(self) -> int:
        """The side of a face: the columns fill the width, and at least one row is seen whole."""
        wide = (self.width + GAP) // (self.runs + 1) - GAP
        return max(SMALLEST, min(LARGEST, wide, self.height - HEAD - TEXT - GAP))

    @property
    def step(self) -> int:
        return self.side + TEXT + GAP

    @property
    def length(self) -> int:
        """The height of all rows and the header."""
        return HEAD + self.rows * self.step

    def square(self, row: int, column: int) -> QRectF:
        """Column -1 is the face alone."""
        left = (column + 1) * (self.side + GAP)
        return QRectF(left, HEAD + row * self.step, self.side, self.side)

    def caption(self, row: int, column: int, line: int) -> QRectF:
        square = self.square(row, column)
        return QRectF(square.left(), square.bottom() + 3 + line * LINE, square.width(), LINE)

    def head(self, column: int) -> QRectF:
        square = self.square(0, column)
        return QRectF(square.left(), 2, square.width(), HEAD - 8)

    def row_at(self, y: float) -> int:
        return max(0, min(self.rows - 1, int((y - HEAD) // self.step)))

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """The row and column whose square or caption is under a point."""
        row, column = int((point.y() - HEAD) // self.step), int(point.x() // (self.side + GAP)) - 1
        inside = point.x() % (self.side + GAP) < self.side and point.y() >= HEAD
        return (row, column) if inside and 0 <= row < self.rows and column < self.runs else None

    def visible(self, top: int) -> range:
        """The rows that touch the window if it is ``top`` px down."""
        if not self.rows:
            return range(0)
        return range(self.row_at(top + HEAD), self.row_at(top + self.height) + 1)
