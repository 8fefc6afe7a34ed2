"""Where the squares of a gallery lie: plain arithmetic, no widget."""

from dataclasses import dataclass

GAP = 8  # px between two squares


@dataclass(frozen=True)
class TileGrid:
    """``count`` squares of about ``size`` px that fill ``width`` from left to right."""

    width: int
    size: int
    count: int

    @property
    def columns(self) -> int:
        return max(1, round((self.width + GAP) / (self.size + GAP)))

    @property
    def side(self) -> int:
        """The side of a square: the columns fill the width without a rest to see."""
        return max(1, (self.width + GAP) // self.columns - GAP)

    @property
    def step(self) -> int:
        return self.side + GAP

    @property
    def height(self) -> int:
        rows = -(-self.count // self.columns)
        return max(0, rows * self.step - GAP)

    def corner(self, place: int) -> tuple[int, int]:
        """Left and top of a square."""
        row, column = divmod(place, self.columns)
        return column * self.step, row * self.step

    def at(self, x: int, y: int) -> int | None:
        """The square under a point; nothing in a gap or past the end."""
        column, row = x // self.step, y // self.step
        if x % self.step >= self.side or y % self.step >= self.side or column >= self.columns:
            return None
        place = row * self.columns + column
        return place if 0 <= place < self.count else None

    def visible(self, top: int, height: int) -> range:
        """The squares that touch a window of the grid."""
        first = max(0, top // self.step) * self.columns
        last = ((top + height) // self.step + 1) * self.columns
        return range(min(first, self.count), min(last, self.count))
