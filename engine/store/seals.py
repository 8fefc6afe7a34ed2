"""What imports stored, and seals: hashes of it, by which damage to the database is noticed."""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.domain import Condition, Expression, Failure
from engine.store.schema import name_failures, snapshot

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class _Kind:
    """How it is read, the types of its columns, and which one has the import's name."""

    query: str
    types: tuple[type, ...]
    name: int


_KINDS = {
    "samples": _Kind(
        "SELECT s.id, s.file, s.subject, s.expression, s.condition, s.pair, d.name, s.sha256"
        " FROM samples s JOIN datasets d ON d.id = s.dataset ORDER BY s.id",
        (int, str, str, int, int, str, str, str),
        6,
    ),
    "source": _Kind(
        "SELECT name, format, source, imported FROM datasets ORDER BY id", (str,) * 4, 0
    ),
    "skipped": _Kind(
        "SELECT s.file, s.reason, d.name FROM skipped s JOIN datasets d ON d.id = s.dataset"
        " ORDER BY s.rowid",
        (str,) * 3,
        2,
    ),
}
_BELOW = {3: len(Expression), 4: len(Condition)}  # of the numbers of a sample, by column
_SEALS = "SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM settings WHERE key IS NOT NULL"


def rows(connection: sqlite3.Connection, file: Path, kind: str) -> list[Any]:
    """What all imports stored. Raises ``Failure`` for what they cannot have stored."""
    asked = _KINDS[kind]
    with name_failures(file), snapshot(connection):
        found = connection.execute(asked.query).fetchall()
        seals = dict(connection.execute(_SEALS).fetchall())
    if not _has_types(found, asked.types):
        raise Failure(f"{file} is damaged ({kind}): restore it from a copy.")
    broken = _broken(seals, kind, found)
    if broken:
        raise Failure(
            f"{file} no longer holds what was imported as “{broken}”: restore it from a copy, or "
            "import the images into a new study."
        )
    return found


def put_seal(connection: sqlite3.Connection, name: str) -> None:
    """Seal what the import of this name has just stored."""
    for kind, asked in _KINDS.items():
        found = connection.execute(asked.query).fetchall()
        sealed = _seal([row for row in found if row[asked.name] == name])
        key = f"seal {kind} {name}"
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, sealed))


def _seal(rows: Rows) -> str:
    """A hash of every value, column by column."""
    content = hashlib.sha256(str(len(rows)).encode())
    for column in _columns(rows):
        content.update("\0".join(map(str, column)).encode() + b"\1")
    return content.hexdigest()


def _columns(rows: Rows) -> Iterator[list[Any]]:
    return ([row[place] for row in rows] for place in range(len(rows[0]) if rows else 0))


def _broken(seals: Mapping[str, str], kind: str, rows: Rows) -> str:
    """The first import whose rows are not what was sealed; those of older programs have no seal."""
    of_import: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        of_import.setdefault(row[_KINDS[kind].name], []).append(row)
    for key, sealed in seals.items():
        name = key.removeprefix(f"seal {kind} ")
        if name != key and _seal(of_import.get(name, [])) != sealed:
            return name
    return ""


def _has_types(rows: Rows, types: Sequence[type]) -> bool:
    """Whether every column is of its type, texts have no NUL and numbers are in their range."""
    return all(
        set(map(type, column)) == {kind} and _fits(column, kind, _BELOW.get(place, 1 << 62))
        for place, (column, kind) in enumerate(zip(_columns(rows), types, strict=False))
    )


def _fits(column: Sequence[Any], kind: type, below: int) -> bool:
    if kind is str:
        return "\0" not in "".join(column)
    return bool(min(column) >= 0 and max(column) < below)
