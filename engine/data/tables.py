"""A CSV or TSV file as rows of text, whatever its delimiter."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.domain import Failure
from engine.store.files import read_bytes, reading
from engine.store.tables import unshield
from engine.system.faults import cause

_DELIMITERS = ",;\t|"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEADER_BYTES = 8192
_MOST = 1 << 30  # bytes of a table


@dataclass(frozen=True)
class TableRows:
    """Rows with the line of the file each one ends on. Short rows are filled up."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def header(file: Path) -> tuple[str, ...]:
    """The columns, read leniently: enough to tell whether this is a table of images."""
    try:
        with reading(file) as opened:
            start = opened.read(_HEADER_BYTES)
    except OSError:
        return ()
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    first = start.decode(encoding, errors="replace").splitlines()[:1]
    if not first or "\0" in first[0]:
        return ()
    cells = next(csv.reader(first, delimiter=_delimiter(first[0])))
    return _fill_up(cells, len(cells))


def read(file: Path) -> TableRows:
    """Raises ``Failure`` that names the file, and the line where there is one."""
    text = _text(file)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first))
    try:
        lines = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise Failure(f"{file}, line {reader.line_num}: not a table ({error}).") from error
    if not lines:
        raise Failure(f"{file} is empty: a table needs a header and a row for each image.")
    columns = _fill_up(lines[0][1], len(lines[0][1]))
    rows = tuple((line, _fill_up(row, len(columns))) for line, row in lines[1:] if any(row))
    return TableRows(file, columns, rows)


def _text(file: Path) -> str:
    try:
        content = read_bytes(file, _MOST)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {cause(error)}.") from error
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Failure(
            f"{file}, line {line}: byte 0x{error.object[error.start]:02x} is not "
            f"{encoding.removesuffix('-sig').upper()}. Save the table as “CSV UTF-8”."
        ) from error


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _fill_up(row: Sequence[str], width: int) -> tuple[str, ...]:
    cells = [unshield(cell.strip()) for cell in row[:width]]
    return tuple(cells + [""] * (width - len(cells)))
