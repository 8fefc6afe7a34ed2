"""The study's queue: runs to be worked on until they end, whoever does it.

A run's place lies in its own folder, so that runs join and leave without a word to the others.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.domain import Failure
from engine.store.files import own, read_json, remove, touch, write_json
from engine.store.runs import Run, runs_in

LAST = sys.maxsize  # the place of a run whose own cannot be read


def join(run: Run) -> None:
    """Go to the end of the queue; a run that is in it keeps its place."""
    if not _file(run).exists():
        write_json(_file(run), {"place": time.time_ns()})


def leave(run: Run) -> bool:
    """Whether it was in the queue."""
    was = _file(run).is_file()
    if was:
        remove(_file(run))
    return was


def settle(run: Run) -> None:
    """Its worker has ended: it leaves, unless the queue was stopped and is to go on with it."""
    if not is_held(run.folder.parent):
        leave(run)


def list_queued(runs: Path) -> list[Run]:
    """The queue in its order; those that are worked on are still in it."""
    found = [run for run in runs_in(runs) if _file(run).is_file()]
    return sorted(found, key=_place)


def hold(runs: Path) -> None:
    """From now on nothing of the queue starts, until it is released."""
    touch(runs / ".held")


def release(runs: Path) -> None:
    remove(runs / ".held")


def is_held(runs: Path) -> bool:
    return (runs / ".held").exists()


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """One process at a time decides what starts in ``folder``; one that ends gives it back."""
    descriptor = _open(own(folder / ".turn"))
    try:
        with suppress(OSError):  # a file system without locks: then it goes without
            _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _file(run: Run) -> Path:
    return run.folder / "queued"


def _place(run: Run) -> int:
    try:
        return int(read_json(_file(run))["place"])
    except (Failure, KeyError, TypeError, ValueError, OverflowError):
        return LAST


def _open(file: Path) -> int:
    """Without following links; another user of the study may only read the file."""
    flags = os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        return os.open(file, flags | os.O_RDWR, 0o666)
    except PermissionError:
        return os.open(file, flags | os.O_RDONLY, 0o666)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
