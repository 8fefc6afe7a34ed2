"""A CSV or TSV table that lists images, with a column each for path and expression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.data import label_words
from engine.data import tables as sheet
from engine.data.file_lookup import Finder
from engine.data.formats.base import (
    Candidate,
    FolderContent,
    Format,
    ImportOptions,
    plural,
    relative,
)
from engine.domain import Condition, Failure
from engine.store.study import Skipped

_SUFFIXES = frozenset({".csv", ".tsv"})
_TEXT = ".txt"
_NAMES = {  # of each field of ``_Columns``
    "path": "path file filename filepath image imagepath imagename imagefile img imgpath imgname"
    " picture photo pic",
    "expression": "expression emotion label class category facialexpression emotionlabel",
    "subject": "subject subjectid person personid participant participantid identity actor",
    "condition": "condition mask masked ismasked withmask maskstatus",
    "pair": "pair pairid",
}
_FLAGS = dict.fromkeys(("1", "true", "yes", "y"), Condition.MASKED) | dict.fromkeys(
    ("0", "false", "no", "n", "none"), Condition.NON_MASKED
)


@dataclass(frozen=True)
class _Columns:
    """Where each value stands; -1 where the table has no such column."""

    path: int
    expression: int
    subject: int
    condition: int
    pair: int


class TableOfImages(Format):
    title = "A CSV or TSV table that lists the images"
    example: ClassVar[Mapping[str, str]] = {"a.jpg": "", "t.csv": "file,label\na.jpg,happy\n"}

    def recognises(self, folder: Path) -> bool:
        return bool(_tables(folder))

    def read(self, folder: Path, options: ImportOptions) -> FolderContent:
        table = sheet.read(_choose_table(folder, options.table))
        columns = _columns(table, options)
        finder = Finder(folder, table.file.parent)
        candidates: list[Candidate] = []
        skipped: list[Skipped] = []
        for line, row in table.rows:
            path = row[columns.path]
            file = finder.find(path) if path else "the row names no image"
            one = file if isinstance(file, str) else _candidate(file, row, columns, options)
            if isinstance(one, str):
                here = path or f"{relative(table.file, folder)}, line {line}"
                skipped.append(Skipped(_name(file, folder) or here, one))
            else:
                candidates.append(one)
        return FolderContent(
            tuple(candidates), tuple(skipped), _notes(table, columns, finder, folder)
        )


def _tables(folder: Path) -> list[Path]:
    """In the folder or one level below, those whose columns can be guessed first."""
    files = [*sorted(folder.glob("*")), *sorted(folder.glob("*/*"))]
    guessed = {
        file: _guess_columns(sheet.header(file))
        for file in files
        if file.suffix.lower() in _SUFFIXES | {_TEXT} and file.name[0] != "." and file.is_file()
    }
    good = [file for file, columns in guessed.items() if min(columns.path, columns.expression) >= 0]
    rest = [f for f in guessed if f not in good and f.suffix.lower() in _SUFFIXES]
    return good + rest


def _choose_table(folder: Path, name: str) -> Path:
    if name:
        places = [folder / name, *sorted(folder.glob(f"*/{name}"))]
        found = [file for file in places if file.is_file()]
        if not found:
            raise Failure(f"{folder} has no table “{name}”.")
        return found[0]
    tables = _tables(folder)
    if not tables:
        raise Failure(f"{folder} has no CSV or TSV table, nor has a folder in it.")
    return tables[0]


def _guess_columns(columns: Sequence[str]) -> _Columns:
    plain = ["".join(letter for letter in name.lower() if letter.isalnum()) for name in columns]

    def place(kind: str) -> int:
        known = _NAMES[kind].split()
        found = [(known.index(name), i) for i, name in enumerate(plain) if name in known]
        return min(found)[1] if found else -1

    return _Columns(**{kind: place(kind) for kind in _NAMES})


def _columns(table: sheet.TableRows, options: ImportOptions) -> _Columns:
    """What the user said, else a guess. Raises ``Failure`` that names the columns there are."""
    guess = _guess_columns(table.columns)
    columns = _Columns(
        _place(table, options.path, guess.path),
        _place(table, options.expression, guess.expression),
        _place(table, options.subject, guess.subject),
        _place(table, options.condition, guess.condition),
        _place(table, options.pair, guess.pair),
    )
    needed = {"image's path": columns.path, "expression": columns.expression}
    missing = [kind for kind, place in needed.items() if place < 0]
    if missing:
        there = ", ".join(name or "(no name)" for name in table.columns)
        raise Failure(
            f"{table.file} has no column for the {' and the '.join(missing)} that can be guessed; "
            f"its columns are {there}: say which one it is."
        )
    return columns


def _place(table: sheet.TableRows, name: str, guess: int) -> int:
    if not name:
        return guess
    if name not in table.columns:
        there = ", ".join(table.columns)
        raise Failure(f"{table.file} has no column “{name}”: choose one of {there}.")
    return table.columns.index(name)


def _name(file: Path | str, folder: Path) -> str:
    return relative(file, folder) if isinstance(file, Path) else ""


def _candidate(
    file: Path, row: Sequence[str], columns: _Columns, options: ImportOptions
) -> Candidate | str:
    """The sample of a row, or why there is none."""
    label = row[columns.expression]
    expression = label_words.expression(label)
    if expression is None:
        return f"“{label}” is not one of the seven expressions" if label else "it has no label"
    text = row[columns.condition] if columns.condition >= 0 else ""
    condition = _condition(text, options.default_condition)
    if condition is None:
        return f"“{text}” is neither masked nor non-masked"
    subject = row[columns.subject] if columns.subject >= 0 else ""
    pair = row[columns.pair] if columns.pair >= 0 else ""
    return Candidate(file, subject, expression, condition, pair)


def _condition(text: str, default: Condition) -> Condition | None:
    if not text:
        return default
    found = label_words.condition(text)
    return found if found is not None else _FLAGS.get(text.lower())


def _notes(
    table: sheet.TableRows, columns: _Columns, finder: Finder, folder: Path
) -> tuple[str, ...]:
    used = {kind: table.columns[place] for kind, place in vars(columns).items() if place >= 0}
    said = ", ".join(f"{kind} from “{name}”" for kind, name in used.items())
    notes = [f"{relative(table.file, folder)}, {plural(len(table.rows), 'row')}: {said}."]
    unlisted = finder.unasked()
    if unlisted:
        notes.append(f"{plural(unlisted, 'image')} in the folder: not in the table, left out.")
    return tuple(notes)
