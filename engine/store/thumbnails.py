"""Small pictures of every image, so that a gallery never opens the originals."""

import sqlite3
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from engine.domain import Failure
from engine.store.files import make_folder
from engine.store.schema import ODD, closed_on_error, name_failures, open_database
from engine.system.faults import cause, code

SIZE = 192  # px, the longer side
_START, _END = b"\xff\xd8", b"\xff\xd9"  # of a JPEG
_DAMAGED = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TABLE = "CREATE TABLE IF NOT EXISTS thumbnails (sha256 TEXT PRIMARY KEY, jpeg BLOB NOT NULL)"
_Answer = TypeVar("_Answer")


class Thumbnails:
    """JPEG bytes by the sha256 of the image. Lives in the cache: it may be deleted at any time.

    What is damaged counts as missing. Where the cache cannot be written, nothing new is kept.
    """

    def __init__(self, folder: Path) -> None:
        """Raise ``Failure`` if a link leads there."""
        self._file = folder / "thumbnails.sqlite"
        with suppress(OSError):
            make_folder(folder)
        self._connection = self._open()

    def add(self, pictures: Iterable[tuple[str, bytes]]) -> None:
        """Raise ``Failure`` where there should be room for them and is none."""
        rows = [(sha256, jpeg + _sum(sha256, jpeg)) for sha256, jpeg in pictures]
        try:
            self._asked(lambda: self._insert(rows))
        except sqlite3.OperationalError as error:
            if code(error) != sqlite3.SQLITE_READONLY:
                raise Failure(f"{self._file} cannot be written: {cause(error)}.") from error

    def jpeg(self, sha256: str) -> bytes | None:
        """Nothing if it is missing or damaged."""
        query = "SELECT jpeg FROM thumbnails WHERE sha256 = ?"
        try:
            row = self._asked(lambda: self._connection.execute(query, (sha256,)).fetchone())
        except sqlite3.Error:
            return None
        kept = row[0] if row and isinstance(row[0], bytes) else b""
        jpeg, end = kept[:-4], kept[-4:]
        if end == _sum(sha256, jpeg):
            return jpeg
        if kept.startswith(_START) and kept.endswith(_END):  # of an older program: without a sum
            return kept
        if row:
            self._forget(sha256)
        return None

    def known(self) -> set[str]:
        """The images that have a thumbnail."""
        query = "SELECT CAST(sha256 AS TEXT) FROM thumbnails"
        with name_failures(self._file):
            rows = self._asked(lambda: self._connection.execute(query).fetchall())
        return {row[0] for row in rows}

    def close(self) -> None:
        self._connection.close()

    def _insert(self, rows: list[tuple[str, bytes]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", rows)
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def _forget(self, sha256: str) -> None:
        """So that it is made anew with all that are missing."""
        with suppress(sqlite3.Error):
            self._connection.execute("DELETE FROM thumbnails WHERE sha256 = ?", (sha256,))

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        """The answer; of a damaged file, which is made anew, that of an empty one."""
        try:
            return question()
        except (sqlite3.DatabaseError, *ODD) as error:
            if not _is_damage(error):
                raise
            self._connection.close()
            self._connection = self._anew()
            return question()

    def _open(self) -> sqlite3.Connection:
        try:
            return _prepare(open_database(self._file))
        except (sqlite3.DatabaseError, *ODD) as error:
            return self._anew() if _is_damage(error) else _nothing()

    def _anew(self) -> sqlite3.Connection:
        try:
            for end in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + end).unlink(missing_ok=True)
            return _prepare(open_database(self._file))
        except (OSError, sqlite3.DatabaseError, *ODD):
            return _nothing()


def _is_damage(error: Exception) -> bool:
    return not isinstance(error, sqlite3.Error) or code(error) in _DAMAGED


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    with closed_on_error(connection):
        connection.execute("PRAGMA synchronous=NORMAL")
        try:
            connection.execute(_TABLE)
        except sqlite3.OperationalError as error:
            if code(error) != sqlite3.SQLITE_READONLY:
                raise
        connection.execute("SELECT sha256, jpeg FROM thumbnails LIMIT 1").fetchone()
    return connection


def _nothing() -> sqlite3.Connection:
    """In memory, where the cache can neither be read nor written."""
    return _prepare(sqlite3.connect(":memory:", isolation_level=None))


def _sum(sha256: str, jpeg: bytes) -> bytes:
    """Belongs to this picture of this image alone; stands behind the picture."""
    return zlib.crc32(jpeg, zlib.crc32(sha256.encode())).to_bytes(4, "little")
