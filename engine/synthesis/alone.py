"""One process at a time renders into a folder, and whatever it left half written is removed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from engine.domain import Failure
from engine.synthesis.kept import PLACES

_SIGN = ".rendering-"  # with the number of the process


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Raises ``Failure`` if another living process renders into ``folder``."""
    mine = folder / f"{_SIGN}{os.getpid()}"
    mine.touch()
    try:
        _check(folder, mine)
        try:
            yield
        finally:
            _sweep(folder)
    finally:
        mine.unlink(missing_ok=True)


def _check(folder: Path, mine: Path) -> None:
    for sign in set(folder.glob(f"{_SIGN}*")) - {mine}:
        number = sign.name.removeprefix(_SIGN)
        if number.isdecimal() and _alive(int(number), sign):
            raise Failure(
                f"Process {number} is rendering into {folder} already: wait for it, or choose "
                "another folder."
            )
        sign.unlink(missing_ok=True)


def _alive(number: int, sign: Path) -> bool:
    """A process that began after the sign was made has only got the number of an earlier one."""
    try:
        return psutil.Process(number).create_time() <= sign.stat().st_mtime + 1
    except (psutil.Error, OSError):
        return False


def _sweep(folder: Path) -> None:
    for place in (folder, *(folder / name for name in PLACES)):
        for draft in place.glob(".*.tmp"):
            draft.unlink(missing_ok=True)
