"""Pages of faces in rows and columns, with short headings."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

INK = (30, 30, 34)
PAPER = (255, 255, 255)


@dataclass(frozen=True)
class Grid:
    """Where things lie, in pixels."""

    across: int
    down: int
    cell: tuple[int, int]
    left: int = 0  # room for headings
    top: int = 0
    gap: int = 2

    @property
    def size(self) -> tuple[int, int]:
        x, y = self.corner(self.across, self.down)
        return x, y

    def corner(self, column: int, row: int) -> tuple[int, int]:
        """Upper left."""
        width, height = self.cell
        return self.left + column * (width + self.gap), self.top + row * (height + self.gap)


class Page:
    """A white page that pictures and words are put on."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._picture = Image.new("RGB", grid.size, PAPER)
        self._pen = ImageDraw.Draw(self._picture)

    def put(self, column: int, row: int, image: Image.Image, below: int = 0) -> None:
        """Into a cell, ``below`` its upper edge."""
        x, y = self._grid.corner(column, row)
        self._picture.paste(image, (x, y + below))

    def write(self, place: tuple[float, float], words: str, size: int, anchor: str = "mm") -> None:
        """``anchor`` is Pillow's: ``mm`` centres the words on the place, ``la`` begins there."""
        self._pen.text(place, words, INK, ImageFont.load_default(size), anchor)

    def swatch(self, place: tuple[int, int], side: int, colour: tuple[int, int, int]) -> None:
        x, y = place
        self._pen.rectangle((x, y, x + side, y + side), fill=colour)

    def save(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._picture.save(file, quality=88, optimize=True)


def enlarged(image: Image.Image, times: float) -> Image.Image:
    width, height = image.size
    size = (round(width * times), round(height * times))
    return image.resize(size, Image.Resampling.LANCZOS)
