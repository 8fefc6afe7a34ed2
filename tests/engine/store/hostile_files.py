"""Studies and folders as a stranger, a full disk or another user may leave them."""

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534  # who owns nothing
ENDLESS_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{} loop\n"


def link(place: Path, target: Path) -> Path:
    """Put a link to ``target`` where ``place`` was."""
    if place.is_dir():
        place.rename(place.with_name(f"{place.name}-before"))
    place.unlink(missing_ok=True)
    place.symlink_to(target)
    return place


def pipe(file: Path) -> Path:
    """A named pipe, which keeps whoever opens it waiting for ever."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    return file


def endless(file: Path) -> Path:
    """A link to a device that never ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return link(file, Path("/dev/zero"))


def script(file: Path) -> Path:
    """PostScript that never ends, under the name of an image."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(ENDLESS_EPS)
    return file


def rewrite(study: Path, statement: str, *values: object) -> None:
    """Change the database by hand."""
    with closing(sqlite3.connect(study / "study.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(statement, values)


@contextmanager
def as_nobody(folder: Path):
    """Everything below ``folder`` may be read and nothing changed, as on a stranger's medium."""
    places = [folder, *folder.rglob("*")]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    above = [place for place in folder.parents if place.stat().st_uid == os.geteuid()]
    for place in above if os.geteuid() == 0 else ():
        modes[place] = place.stat().st_mode
        place.chmod(place.stat().st_mode | 0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for place, mode in modes.items():
            place.chmod(mode)


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
