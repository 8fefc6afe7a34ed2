"""A run's events and its worker's last words as lines to read."""

from pathlib import Path

from engine.events import (
    EpochEnded,
    Event,
    Failed,
    FoldEnded,
    FoldStarted,
    Logged,
    Progressed,
    RunEnded,
    RunStarted,
    decode,
)
from engine.store.event_log import lines_since
from engine.store.files import reading
from engine.store.runs import Run

TAIL = 8192  # bytes of the worker's own log
MOST = 2000  # lines


class RunLog:
    """The log of one run at a time; reads only what was added since it last looked."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._place = 0
        self._lines: list[str] = []
        self._lost = 0

    def text(self, run: Run | None) -> str:
        """Oldest first; what the worker wrote besides comes last."""
        if run != self._run:
            self._run, self._place, self._lines, self._lost = run, 0, [], 0
        if run is None:
            return ""
        lines, self._place = lines_since(run.events_file, self._place)
        events = [decode(one) for one in lines if one]
        self._lost += events.count(None)
        self._lines = [*self._lines, *filter(None, (line(one) for one in events if one))][-MOST:]
        lost = f"{self._lost:,} of the log's lines cannot be read." if self._lost else ""
        said = tail(run.worker_log)
        more = ["", lost] if lost else []
        return "\n".join([*self._lines, *more, *(["", run.worker_log.name, said] if said else [])])


def line(event: Event) -> str:
    """One event in words; empty for those that only move a bar."""
    match event:
        case RunStarted():
            work = f"{event.folds} folds × {event.epochs} epochs, {event.workers} side by side"
            return f"Started on {event.device} ({event.precision}): {work}"
        case Progressed() if event.done == event.total:
            return f"{event.step}: {event.total:,}"
        case FoldStarted():
            since = f" from epoch {event.epoch + 1}" if event.epoch else ""
            return f"Fold {event.fold + 1}: started{since} with {event.images:,} training images"
        case EpochEnded():
            return _epoch(event)
        case FoldEnded():
            return f"Fold {event.fold + 1}: done, {shares(event.accuracy)}, {event.seconds:.0f} s"
        case RunEnded():
            return f"Ended: {event.state} after {event.seconds:.0f} s"
    return _phrase(event)


def shares(accuracy: dict[str, float]) -> str:
    """Such as “non-masked 43.1 %, masked 30.2 %”."""
    names = {"nm": "non-masked", "m": "masked"}
    return ", ".join(f"{names.get(n, n)} {100 * share:.1f} %" for n, share in accuracy.items())


def tail(file: Path) -> str:
    """The end of a text file; empty if there is none."""
    try:
        with reading(file) as stream:
            stream.seek(max(0, file.stat().st_size - TAIL))
            return stream.read(TAIL).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _phrase(event: Event) -> str:
    """What is told in the worker's own words."""
    if isinstance(event, Failed):
        return f"Failed: {event.message}"
    if isinstance(event, Logged):
        values = ", ".join(f"{key} {value}" for key, value in event.values.items())
        return f"{event.message}{': ' if values else ''}{values}"
    return ""


def _epoch(event: EpochEnded) -> str:
    losses = ", ".join(f"{name} {value:.3f}" for name, value in event.losses.items())
    return (
        f"Fold {event.fold + 1}: epoch {event.epoch + 1}, {losses}, "
        f"training {100 * event.train_accuracy:.1f} %, {shares(event.test_accuracy)}, "
        f"{event.seconds:.1f} s"
    )
