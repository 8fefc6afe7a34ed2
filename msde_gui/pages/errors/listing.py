"""What an error view shows, as one frozen table: columns of values, and the images of each row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.error_analysis import RunDifference
from engine.store.tables import table_text


def _plain(value: Any) -> str:
    return str(value)


@dataclass(frozen=True)
class ListingColumn:
    """Values to sort by, one a row, and how one reads."""

    heading: str
    values: NDArray[Any]
    text: Callable[[Any], str] = _plain
    width: int = 90  # px
    tip: str = ""


@dataclass(frozen=True)
class Listing:
    """Rows in their natural order, the worst first."""

    sentence: str  # what the view shows and of how many images
    columns: tuple[ListingColumn, ...] = ()
    ids: Sequence[tuple[int, ...]] = ()  # of each row
    chips: tuple[str, ...] = ()  # where a selection comes from
    labels: Sequence[str] = ()  # what a single row adds to them; empty if rows are images
    run: str = ""  # whose predictions mark the wrong ones
    moved: RunDifference | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def of_images(self) -> bool:
        """Whether each row is one image rather than a group."""
        return not self.labels

    def text(self, row: int, column: int) -> str:
        shown = self.columns[column]
        return shown.text(shown.values[row])

    def ids_in(self, rows: Sequence[int]) -> tuple[int, ...]:
        """The images of some rows, each once, in the order of the rows."""
        return tuple(dict.fromkeys(number for row in rows for number in self.ids[row]))

    def as_text(self, rows: Sequence[int], delimiter: str) -> str:
        """The rows in this order with their sample ids, for a spreadsheet."""
        names = [column.heading.lower() for column in self.columns]
        lines = [[*names, "sample" if self.of_images else "samples"]]
        for row in rows:
            texts = [_bare(self.text(row, column)) for column in range(len(names))]
            lines.append([*texts, " ".join(map(str, self.ids[row]))])
        return table_text(lines, delimiter)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def titles(names: Sequence[str]) -> Callable[[Any], str]:
    """Numbers sort in the order of their names and read as these."""
    return lambda number: names[int(number)]


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """Tuples as the values of a column, which sort by their first number."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _bare(text: str) -> str:
    """Without the marks that are for the eye."""
    return text.removeprefix("✗ ").removeprefix("✓ ")
