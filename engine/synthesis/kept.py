"""What an earlier, perhaps interrupted rendering left that is whole, and so need not be redone."""

import csv
import io
from pathlib import Path
from typing import Any

from engine.data.images import Unreadable, decode
from engine.domain import Condition, Failure
from engine.store.files import read_json
from engine.synthesis.settings import Settings
from engine.synthesis.takes import takes_of

TABLE = "labels.csv"
ROWS = ".rows"  # a file for each finished subject; gone when all are
PLACES = ("faces", "regions", ROWS)
Row = dict[str, Any]


def rows_file(folder: Path, number: int) -> Path:
    return folder / ROWS / f"{number:06d}.json"


def find_kept(folder: Path, settings: Settings) -> dict[int, list[Row]]:
    """The rows of each subject that has all of its rows and images, by the subject's number."""
    table = _table(folder / TABLE)
    found = {}
    for number in range(1, settings.subjects + 1):
        stems = stems_of(settings, number)
        rows = _own(folder, number) or [table[stem] for stem in stems if stem in table]
        told = [row["file"] for row in rows] == [f"faces/{stem}.jpg" for stem in stems]
        if told and all(_whole(file) for stem in stems for file in _images(folder, stem)):
            found[number] = rows
    return found


def stems_of(settings: Settings, number: int) -> list[str]:
    """The names of a subject's images without folder and suffix."""
    return [
        f"{take.pair}_{condition.short}"
        for take in takes_of(settings, number)
        for condition in Condition
    ]


def _own(folder: Path, number: int) -> list[Row]:
    """The rows of the subject's own file; none if it is missing or damaged."""
    try:
        rows = read_json(rows_file(folder, number))
    except Failure:
        return []
    return rows if isinstance(rows, list) and all("file" in row for row in rows) else []


def _table(file: Path) -> dict[str, Row]:
    """The table's rows that are whole, by the stem of the image; a last line without end is not."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    reader = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1]), restval=None)
    whole = [row for row in reader if None not in row and None not in row.values()]
    return {Path(row["file"]).stem: row for row in whole if "file" in row}


def _images(folder: Path, stem: str) -> tuple[Path, Path]:
    return folder / "faces" / f"{stem}.jpg", folder / "regions" / f"{stem}.png"


def _whole(file: Path) -> bool:
    try:
        decode(file)
    except Unreadable:
        return False
    return True
