"""Read many images whole, side by side where there are enough of them to be worth it."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from engine.data import images
from engine.domain import Failure
from engine.events import Progressed, Report
from engine.store.thumbnails import SIZE
from engine.system.processes import cores, pool

STEP = "Reading images"
_WORTH_PROCESSES = 200  # below this, processes cost more time than they save
_CHUNK = 16  # files; small, so that Cancel is prompt
_PAUSE = 0.1  # seconds between two reports


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """What is kept of an image: its hash, width and height, and a small JPEG."""

    sha256: str
    shape: tuple[int, int]
    thumbnail: bytes


Outcome = InspectedImage | str  # the reason why the file cannot be used


def read_all(files: Sequence[Path], report: Report, workers: int = 0) -> list[Outcome]:
    """One outcome a file, in order. ``report`` may raise ``Cancelled``; 0 workers: every core."""
    count = workers or cores()
    tell = _Progress(report, len(files))
    if count == 1 or len(files) < _WORTH_PROCESSES:
        outcomes = []
        for file in files:
            outcomes.append(_read(file))
            tell(len(outcomes))
        return outcomes
    return _side_by_side(files, tell, count)


class _Progress:
    """Reports at most ten times a second, and at the end."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total = report, total
        self._last = 0.0
        report(Progressed(STEP, 0, total))

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if done == self._total or now - self._last >= _PAUSE:
            self._last = now
            self._report(Progressed(STEP, done, self._total))


def _side_by_side(files: Sequence[Path], tell: _Progress, workers: int) -> list[Outcome]:
    chunks = [files[start : start + _CHUNK] for start in range(0, len(files), _CHUNK)]
    with pool(min(workers, len(chunks))) as readers:
        futures = [readers.submit(_read_chunk, chunk) for chunk in chunks]
        try:
            _follow(futures, tell)
        except BrokenProcessPool as error:
            raise Failure(
                "A process that reads images died, perhaps for want of memory: import a part of "
                "the folder at a time."
            ) from error
        return [outcome for future in futures for outcome in future.result()]


def _follow(futures: Sequence[Future[list[Outcome]]], tell: _Progress) -> None:
    done = 0
    for future in as_completed(futures):
        done += len(future.result())
        tell(done)


def _read_chunk(files: Sequence[Path]) -> list[Outcome]:
    return [_read(file) for file in files]


def _read(file: Path) -> Outcome:
    try:
        picture = images.read(file, side=2 * SIZE)
    except images.Unreadable as error:
        return error.reason
    return InspectedImage(picture.sha256, picture.shape, images.thumbnail(picture.image))
