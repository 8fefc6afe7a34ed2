"""Files that are written where the user asks, whole or not at all, and file names made of data."""

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from engine.domain import Failure
from engine.store.files import replacing
from engine.system.faults import cause

LONGEST = 120  # bytes of a name made of data; some encrypted disks end at 143
HASHED = 8  # hexadecimal digits
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # on Windows


@contextmanager
def exporting(file: Path) -> Iterator[Path]:
    """Yield a path to write to that becomes ``file`` at the end. Raises ``Failure``."""
    check_file(file)
    with saying(file):
        if file.exists() and not file.is_file():
            yield file  # such as /dev/stdout, which nothing may take the place of
        else:
            with replacing(file) as draft:
                yield draft


def check_file(file: Path) -> None:
    """Raise ``Failure`` with the cause if the file could not be written, before any long work."""
    with saying(file):
        if file.is_dir():
            raise Failure(f"{file} cannot be written: it is a folder; name a file in it.")
        if not file.parent.exists():
            raise Failure(f"{file} cannot be written: there is no folder {file.parent}.")
        if file.exists() and not os.access(file, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if file.is_file() or not file.exists():
            tempfile.TemporaryFile(dir=file.parent).close()


def check_folder(folder: Path) -> None:
    """Raise ``Failure`` if nothing could be written into the folder, which may not be there yet."""
    with saying(folder):
        place = next(part for part in (folder, *folder.parents) if _there(part))
        tempfile.TemporaryFile(dir=place).close()


@contextmanager
def saying(place: Path) -> Iterator[None]:
    """Turn an ``OSError`` into a ``Failure`` that says why the place cannot be written."""
    try:
        yield
    except OSError as error:
        raise Failure(
            f"{place} cannot be written: {cause(error)}. Choose another place."
        ) from error


def file_name(text: str, ending: str = "") -> str:
    """A name of at most ``LONGEST`` bytes that every system takes, without folders.

    One that is not the text itself ends in a hash of it: different texts stay different files.
    """
    plain = re.sub(r"[^\w.-]", "-", text).strip(".-")
    plain = f"_{plain}" if _RESERVED.match(plain) or not plain else plain
    room = LONGEST - len(ending)
    if plain == text and len(plain.encode()) <= room:
        return plain + ending
    start = plain.encode()[: room - HASHED - 1].decode(errors="ignore")
    return f"{start}-{sha256(text.encode(errors='surrogatepass')).hexdigest()[:HASHED]}{ending}"


def _there(place: Path) -> bool:
    try:
        place.stat()
    except FileNotFoundError:
        return False
    return True
