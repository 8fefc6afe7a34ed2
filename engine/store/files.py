"""The one door to files: whole or not at all, nothing through a stranger's link, nothing endless.

What is written lies in a study or where the user pointed. In a study no link is followed on the
way, for the study may be a stranger's; the study itself may be reached through links.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, TextIO, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from engine.domain import Failure
from engine.system.faults import cause
from engine.system.validation import adapter, fault

DATABASE = "study.sqlite"  # what makes a folder a study
FORMAT = 1  # of what is written; a file that does not tell its own is of format 1
LARGEST = 1 << 40  # bytes of a file that is read piece by piece
MOST = 4 << 30  # bytes of any file that is read whole
DOCUMENT = 64 << 20  # bytes of a JSON document
T = TypeVar("T")
_ALONE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # follows and awaits nothing
_PLAIN = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Newer(Failure):
    """A file is of a format that only later versions know."""


def own(file: Path) -> Path:
    """``file``, if no link leads to it within its study. Raises ``Failure`` that names the link."""
    places = [file.absolute(), *file.absolute().parents]
    studies = [i for i, place in enumerate(places) if i and os.path.lexists(place / DATABASE)]
    for place in places[: max(studies, default=0)]:  # the outermost: a link may lead to another
        if place.is_symlink() or place.name == "..":
            raise Failure(
                f"{place} is a link, and nothing is written through links in a study: put the "
                "folder or file itself in its place."
            )
    return file


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield a path beside ``file``; what is written there takes its place at the end.

    It may be read and written by whom the user's umask and the folder allow.
    """
    draft = own(file).with_name(f".{file.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    try:
        mode = _create(draft)
        yield draft
        if stat.S_IMODE(draft.stat().st_mode) != mode:
            draft.chmod(mode)  # some writers make a file of their own, for the user alone
        with draft.open("r+b") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def appending(file: Path) -> Iterator[TextIO]:
    """Go on with a text file, made if absent. Raises ``OSError`` for all but a regular one."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _ALONE
    with os.fdopen(os.open(own(file), flags, 0o666), "a", encoding="utf-8") as stream:
        _check(os.fstat(stream.fileno()), file)
        yield stream


def touch(file: Path) -> None:
    """Make it, empty, unless it is there."""
    os.close(os.open(own(file), os.O_WRONLY | os.O_CREAT | _ALONE, 0o666))


def remove(file: Path) -> None:
    """Remove it if it is there; of a link, the link."""
    own(file.parent)
    file.unlink(missing_ok=True)


def make_folder(folder: Path, *, parents: bool = False) -> None:
    """Make it unless it is there."""
    own(folder).mkdir(parents=parents, exist_ok=True)


def write_bytes(file: Path, content: bytes) -> None:
    with replacing(file) as draft:
        draft.write_bytes(content)


def write_json(file: Path, document: Any) -> None:
    write_bytes(file, json.dumps(document, indent=1, ensure_ascii=False).encode())


@contextmanager
def reading(file: Path, most: int = LARGEST) -> Iterator[BufferedReader]:
    """Open a regular file of at most ``most`` bytes, waiting for nobody. Raises ``OSError``.

    Images may be links: people link data sets.
    """
    try:
        _check(file.stat(), file, most)  # a device may act on being opened
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "No file can have this name", str(file)) from error
    with os.fdopen(os.open(file, os.O_RDONLY | _PLAIN), "rb") as stream:
        _check(os.fstat(stream.fileno()), file, most)
        yield stream


def read_bytes(file: Path, most: int = MOST) -> bytes:
    """As ``reading`` opens it; no more than it held then."""
    with reading(file, most) as stream:
        return stream.read(os.fstat(stream.fileno()).st_size)


def read_whole(file: Path, most: int = DOCUMENT) -> bytes:
    """As ``read_bytes``. Raises ``Failure`` that says why the file cannot be read."""
    try:
        return read_bytes(file, most)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {cause(error)}.") from error


def read_json(file: Path) -> Any:
    """Raises ``Failure`` for a file that is missing or damaged."""
    content = read_whole(file)
    try:
        return from_json(content)  # deep nesting and half characters are refused, too
    except ValueError as error:
        raise Failure(f"{file} is damaged: restore it from a copy.") from error


def write_document(file: Path, document: Mapping[str, Any]) -> None:
    """As ``write_json``, with the format."""
    write_json(file, {"format": FORMAT, **document})


def read_document(file: Path) -> Any:
    """As ``read_json``, without the format. Raises ``Failure`` for one of a newer version."""
    document = read_json(file)
    check_format(file, document)
    if isinstance(document, dict):
        document.pop("format", None)
    return document


def check_format(file: Path, document: Any) -> None:
    """Raise ``Newer`` if it tells a number above those that this version knows."""
    told = document.get("format", FORMAT) if isinstance(document, dict) else FORMAT
    if isinstance(told, int) and told > FORMAT:
        raise Newer(f"{file} was made by a newer version of MSD-E Studio: install it.")


def read_as(cls: type[T], file: Path) -> T:
    """A dataclass from JSON. Raises ``Failure`` that names the file and the first wrong value."""
    try:
        made: T = adapter(cls).validate_json(read_whole(file))  # type: ignore[arg-type]
        return made
    except ValidationError as error:
        raise Failure(f"{file} is damaged ({fault(error)}): restore it from a copy.") from error


def _create(draft: Path) -> int:
    """Make the file and no other's; answer the mode that the system gave it."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _ALONE, 0o666)
    try:
        return stat.S_IMODE(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def _check(found: os.stat_result, file: Path, most: int = MOST) -> None:
    """Raise ``OSError`` for a pipe, a device, a folder, or more than ``most`` bytes."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "It is no regular file", str(file))
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"It has more than {most >> 20:,} MB", str(file))
