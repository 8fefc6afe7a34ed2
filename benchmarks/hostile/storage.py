"""Damage to what a study stores, byte by byte and value by value: what its readers make of it.

A reader that is told a wrong thing and passes it on counts as wrong, as do a crash and a hang; a
``Failure`` does not, nor does what the cache lacks and makes anew.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.importing import inspect, save
from engine.data.packing import open_packed, pack
from engine.domain import Failure
from engine.events import silent
from engine.store.study import DATABASE, Study
from tests import drawings

SLOW = 10.0  # seconds: longer is a hang
SIZE = 16  # px of packed images
Random = np.random.Generator
VALUES: tuple[Any, ...] = (None, -1, 5, 99, 1 << 60, 0.5, "", "x", "a\0b", b"\xff", b"", "9" * 9999)
COLUMNS = {
    "samples": ("id", "file", "subject", "expression", "condition", "pair", "sha256"),
    "datasets": ("name", "format", "source", "imported"),
    "skipped": ("file", "reason"),
    "settings": ("key", "value"),
}


@dataclass(frozen=True)
class Outcome:
    """How many of the damaged files were told as something that they are not."""

    tried: int
    wrong: int
    seconds: float
    examples: tuple[str, ...] = ()  # the first few


def fuzz(cases: int, seed: int) -> Mapping[str, Outcome]:
    """So many damaged files of each kind."""
    return {kind: damaged(kind, cases, seed) for kind in KINDS}


def damaged(kind: str, cases: int, seed: int = 0) -> Outcome:
    """Damage one study ``cases`` times in the way of ``KINDS``, each time anew."""
    damage, read, name = KINDS[kind]
    random, wrong, began = np.random.default_rng(seed), [], time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder = _study(Path(place))
        file = folder / name if name else next((folder / "cache").glob("pixels-*"))
        truth, content = read(folder), file.read_bytes()
        for _ in range(cases):
            file.write_bytes(content)
            for end in ("-wal", "-shm", "-journal"):
                file.with_name(file.name + end).unlink(missing_ok=True)
            damage(file, random)
            found = _told(read, folder, truth)
            if found:
                wrong.append(found)
    examples = tuple(dict.fromkeys(wrong))[:5]
    return Outcome(cases, len(wrong), time.monotonic() - began, examples)


def _study(place: Path) -> Path:
    """Two subjects, images inside, thumbnails and packed pixels; nothing lies in a log."""
    faces = drawings.study(place / "faces", subjects=2, size=64)
    with Study(place / "S", create=True) as made:
        save(inspect(faces, made), made, copy=True)
        pack(made.dataset(), SIZE, made.cache, silent)
    for file in (DATABASE, "cache/thumbnails.sqlite"):
        with closing(sqlite3.connect(place / "S" / file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place / "S"


def _told(read: Callable[[Path], Any], folder: Path, truth: Any) -> str:
    """What is wrong with an answer; empty if it is right or a ``Failure``."""
    began = time.monotonic()
    try:
        found = read(folder)
    except Failure:
        return ""
    except (Exception, MemoryError) as error:
        return f"{type(error).__name__}: {error}"[:100]
    if time.monotonic() - began > SLOW:
        return "a hang"
    return "" if _right(found, truth) else "another answer"


def _right(found: Any, truth: Any) -> bool:
    """A thumbnail that is missing is no wrong answer."""
    if isinstance(truth, dict):
        return all(value in (None, truth[key]) for key, value in found.items())
    return bool(found == truth)


def _bytes(file: Path, random: Random) -> None:
    """One to four bytes become others, or the file is cut short."""
    content = bytearray(file.read_bytes())
    if random.random() < 0.05:
        file.write_bytes(content[: random.integers(len(content))])
        return
    for place in random.integers(len(content), size=random.integers(1, 5)):
        content[place] ^= int(random.integers(1, 256))
    file.write_bytes(content)


def _value(file: Path, random: Random) -> None:
    """One value of a row becomes another, of any type."""
    table = str(random.choice(list(COLUMNS)))
    column = str(random.choice(COLUMNS[table]))
    value = VALUES[random.integers(len(VALUES))]
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        rows = [row[0] for row in connection.execute(f"SELECT rowid FROM {table}")]
        if rows:
            where = int(random.choice(rows))
            with suppress(sqlite3.IntegrityError):
                order = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                connection.execute(order, (value, where))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _stored(folder: Path) -> Any:
    with Study(folder) as read:
        dataset = read.dataset()
        samples = [(s.id, str(s.file), s.subject, s.pair, s.sha256) for s in dataset.samples]
        labels = dataset.expressions.tolist(), dataset.conditions.tolist()
        return samples, labels, dataset.fingerprint, read.sources(), read.skipped(), read.hashes()


def _thumbnails(folder: Path) -> dict[str, bytes | None]:
    with Study(folder) as read:
        read.thumbnails.known()
        return {s.sha256: read.thumbnails.jpeg(s.sha256) for s in read.dataset().samples}


def _packed(folder: Path) -> bytes:
    with Study(folder) as read:
        return open_packed(pack(read.dataset(), SIZE, read.cache, silent)).tobytes()


KINDS: dict[str, tuple[Callable[[Path, Random], None], Callable[[Path], Any], str]] = {
    "sqlite bytes": (_bytes, _stored, DATABASE),
    "sqlite values": (_value, _stored, DATABASE),
    "thumbnails": (_bytes, _thumbnails, "cache/thumbnails.sqlite"),
    "packed pixels": (_bytes, _packed, ""),
}
