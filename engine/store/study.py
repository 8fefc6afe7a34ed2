"""The folder a user opens: samples, their source and what was skipped."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from engine.domain import Condition, Dataset, Expression, Failure, Samples
from engine.store import seals, trust
from engine.store.exports import file_name
from engine.store.files import DATABASE as DATABASE
from engine.store.files import make_folder, read_bytes, write_bytes
from engine.store.schema import closed_on_error, connect, transaction
from engine.store.thumbnails import Thumbnails
from engine.system.faults import cause

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not imported, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """One import: where its samples came from."""

    name: str
    format: str
    folder: str
    imported: str  # UTC, ISO 8601


@dataclass(frozen=True, slots=True)
class Inspected:
    """An image that was read whole and is ready to become a sample."""

    file: Path
    subject: str
    expression: Expression
    condition: Condition
    pair: str
    sha256: str
    shape: tuple[int, int]  # width, height
    thumbnail: bytes  # JPEG


class Study:
    """A folder with its database. Images are never modified. Close it, or use it in ``with``."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        """Raise ``Failure`` if there is no study (unless ``create``) or it cannot be opened."""
        self.folder = folder.expanduser().absolute()
        self._file = self.folder / DATABASE
        if create:
            self._make(self.folder, parents=True)
        elif not self._file.is_file():
            raise Failure(f"There is no study in {folder}: import a folder of faces into it first.")
        elif not self._file.stat().st_size:
            raise Failure(f"{self._file} is empty (0 bytes): restore it from a copy.")
        self._connection = connect(self._file)
        with closed_on_error(self._connection):
            for name in ("cache", "runs", "exports") if create else ():
                self._make(self.folder / name)
            self.thumbnails = Thumbnails(self.cache)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.thumbnails.close()
        self._connection.close()

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def runs_folder(self) -> Path:
        return self.folder / "runs"

    @property
    def cache(self) -> Path:
        return cache_of(self.folder)

    @property
    def exports_folder(self) -> Path:
        return exports_of(self.folder)

    def dataset(self, name: str = "") -> Dataset:
        """All samples, or those of one import, in the order of their ids.

        Raises ``Strangers`` if any lies where this user has never agreed to have images read.
        """
        rows = self._rows("samples")
        trust.meet(self.folder, self._outside([row[1] for row in rows]))
        if name:
            rows = [row for row in rows if row[6] == _text(name)]
        if name and not rows:
            raise Failure(f"The study {self.folder} has no dataset “{name}”.")
        return Dataset(name or self.name, Samples(rows, self.folder))

    def sources(self) -> list[Source]:
        rows = self._rows("source")
        return [
            Source(name, layout, str(self.folder / place), imported)
            for name, layout, place, imported in rows
        ]

    def skipped(self) -> list[Skipped]:
        """Every file that an import left out, the latest import last."""
        return [Skipped(file, reason) for file, reason, *_ in self._rows("skipped")]

    def hashes(self) -> dict[str, str]:
        """The file of each image's sha256: what is in the study already."""
        return {row[7]: row[1] for row in self._rows("samples")}

    def _rows(self, kind: str) -> list[Any]:
        return seals.rows(self._connection, self._file, kind)

    def add(
        self, source: Source, images: Sequence[Inspected], skipped: Sequence[Skipped], copy: bool
    ) -> None:
        """Add one import, whole or not at all; ``copy`` keeps the images inside the study.

        What lies inside it already is remembered by its place there: the study can be moved.
        """
        here = self.folder.resolve()
        files = [_place(source.name, i) if copy else _inside(here, i.file) for i in images]
        origin = _text(_inside(here, Path(source.folder)))
        with transaction(self._connection):
            self._insert((source.name, source.format, origin, source.imported), files, images)
            number = "(SELECT id FROM datasets WHERE name = ?)"
            self._connection.executemany(
                f"INSERT INTO skipped VALUES ({number}, ?, ?)",
                [(source.name, _text(one.file), _text(one.reason)) for one in skipped],
            )
            seals.put_seal(self._connection, source.name)
            self.thumbnails.add([(image.sha256, image.thumbnail) for image in images])
            if copy:
                self._copy(images, files)
        trust.agree(self._outside(files))
        log.info("%s: %d images imported as %s", self.folder, len(images), source.name)

    def _outside(self, files: Sequence[str]) -> tuple[str, ...]:
        return trust.outside(self.folder, files, [one[2] for one in self._rows("source")])

    def _insert(
        self, source: tuple[str, ...], files: Sequence[str], images: Sequence[Inspected]
    ) -> None:
        number = self._connection.execute(
            "INSERT INTO datasets (name, format, source, imported) VALUES (?, ?, ?, ?)", source
        ).lastrowid
        self._connection.executemany(
            "INSERT INTO samples (dataset, file, subject, expression, condition, pair, sha256,"
            " width, height) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, file, i.subject, i.expression, i.condition, i.pair, i.sha256, *i.shape)
                for file, i in zip(files, images, strict=True)
            ],
        )

    def _copy(self, images: Sequence[Inspected], places: Sequence[str]) -> None:
        for image, place in zip(images, places, strict=True):
            target = self.folder / place
            make_folder(target.parent, parents=True)
            write_bytes(target, content_of(image))

    def _make(self, folder: Path, *, parents: bool = False) -> None:
        try:
            make_folder(folder, parents=parents)
        except OSError as error:
            raise Failure(
                f"The study {self.folder} cannot be made: {cause(error)}. Choose another folder."
            ) from error


def cache_of(study: Path) -> Path:
    """The folder of what can be made again."""
    return study / "cache"


def exports_of(study: Path) -> Path:
    """The folder of what the user has taken out of a study."""
    return study / "exports"


def content_of(image: Inspected) -> bytes:
    """The bytes of its file. Raises ``Failure`` if they are not those that were inspected."""
    content = read_bytes(image.file)
    if hashlib.sha256(content).hexdigest() != image.sha256:
        raise Failure(f"{image.file} has changed while it was imported: import it again.")
    return content


def _place(dataset: str, image: Inspected) -> str:
    """Where a copied image lies in the study."""
    return f"images/{file_name(dataset)}/{image.sha256[:16]}{image.file.suffix.lower()}"


def _text(name: str) -> str:
    """What of a file's name is no text is shown by its number."""
    return name.encode(errors="backslashreplace").decode()


def _inside(study: Path, path: Path) -> str:
    """Relative to the study if it lies there, else as it is."""
    return path.relative_to(study).as_posix() if path.is_relative_to(study) else str(path)


def source_of(name: str, layout: str, folder: Path) -> Source:
    """A source imported now."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Source(name, layout, str(folder.absolute()), now)
