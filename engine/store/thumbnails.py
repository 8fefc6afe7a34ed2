"""Small pictures of every image, so that a gallery never opens the originals."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from engine.domain import Failure
from engine.store.schema import closed_on_error, opened

SIZE = 192  # px, the longer side


class Thumbnails:
    """JPEG bytes by the sha256 of the image. Lives in the cache: it may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        """A damaged file is made anew. Raise ``Failure`` if the cache cannot be written."""
        file = folder / "thumbnails.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _prepared(file)
        except (OSError, sqlite3.OperationalError) as error:
            raise Failure(f"The cache {folder} cannot be written ({error}).") from error
        except sqlite3.DatabaseError:
            file.unlink()
            self._connection = _prepared(file)

    def add(self, pictures: Iterable[tuple[str, bytes]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", pictures)
        self._connection.execute("COMMIT")

    def jpeg(self, sha256: str) -> bytes | None:
        row = self._connection.execute(
            "SELECT jpeg FROM thumbnails WHERE sha256 = ?", (sha256,)
        ).fetchone()
        return row[0] if row else None

    def known(self) -> set[str]:
        """The images that have a thumbnail."""
        return {row[0] for row in self._connection.execute("SELECT sha256 FROM thumbnails")}

    def close(self) -> None:
        self._connection.close()


def _prepared(file: Path) -> sqlite3.Connection:
    connection = opened(file)
    with closed_on_error(connection):
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS thumbnails (sha256 TEXT PRIMARY KEY, jpeg BLOB NOT NULL)"
        )
    return connection
