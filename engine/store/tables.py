"""Tables for spreadsheets (CSV), written alike everywhere: no name in them acts as a formula."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.store.exports import exporting

Cells = Iterable[Iterable[object]]

# Apostrophes count with what they stand before, so that each can be told from one of a name.
# A spreadsheet may cut at ; too: what follows it begins a cell.
_FORMULA = re.compile(r"(^|;)('*[=+\-@\t\r\n＝＋－＠])")
_SHIELDED = re.compile(r"(^|;)'('*[=+\-@\t\r\n＝＋－＠])")
_ONE = r"[+-]?(inf|\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?"
_NUMBER = re.compile(rf"{_ONE}( to {_ONE})?( ?%)?", re.ASCII | re.I)  # or an interval


def shield(text: str) -> str:
    """The text with an apostrophe before each start that a spreadsheet would take as a formula."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'\2", text)


def unshield(text: str) -> str:
    """What ``shield`` was given."""
    return _SHIELDED.sub(r"\1\2", text)


def table_text(rows: Cells, delimiter: str = ",") -> str:
    """A line a row with a plain line feed; numbers as Python says them, None is empty."""
    return "".join(delimiter.join(_quote(cell, delimiter) for cell in row) + "\n" for row in rows)


def table_bytes(rows: Cells) -> bytes:
    """UTF-8; what of a file's name is no text is shown by its number."""
    return table_text(rows).encode(errors="backslashreplace")


def write_table(file: Path, rows: Cells) -> None:
    """Raises ``Failure`` if the file cannot be written; an old one is whole then."""
    with exporting(file) as draft:
        draft.write_bytes(table_bytes(rows))


def with_head(records: Sequence[Mapping[str, object]]) -> list[list[object]]:
    """Rows below the names of their columns, which are those of the first record."""
    names = list(records[0])
    return [[*names], *([record.get(name) for name in names] for record in records)]


def _quote(cell: object, delimiter: str) -> str:
    """Python's own writer leaves a lone carriage return bare before 3.13."""
    text = "" if cell is None else shield(str(cell))
    special = any(mark in text for mark in (delimiter, '"', "\r", "\n"))
    return '"' + text.replace('"', '""') + '"' if special else text
