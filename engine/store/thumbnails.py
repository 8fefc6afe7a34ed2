"""Small pictures of every image, so that a gallery never opens the originals."""

from collections.abc import Iterable
from pathlib import Path

from engine.store.schema import opened

SIZE = 192  # px, the longer side


class Thumbnails:
    """JPEG bytes by the sha256 of the image. Lives in the cache: it may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = opened(folder / "thumbnails.sqlite")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS thumbnails (sha256 TEXT PRIMARY KEY, jpeg BLOB NOT NULL)"
        )

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
