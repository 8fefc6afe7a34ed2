"""What a run says while it works: frozen plain data that crosses processes as JSON lines."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


class Cancelled(Exception):
    """Raised by ``report`` to stop the work. What has been stored by then stays valid."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """A step of known length, such as reading images, has come this far."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    folds: int
    epochs: int
    device: str
    precision: str
    workers: int


@dataclass(frozen=True, slots=True)
class FoldStarted:
    fold: int
    epoch: int  # the first one still to do: above 0 after Resume
    images: int  # in the training side


@dataclass(frozen=True, slots=True)
class BatchEnded:
    fold: int
    epoch: int
    progress: float  # of the fold, 0 to 1


@dataclass(frozen=True, slots=True)
class EpochEnded:
    fold: int
    epoch: int
    progress: float  # of the fold, 0 to 1
    losses: dict[str, float]  # mean of each term over the epoch
    train_accuracy: float
    test_accuracy: dict[str, float]  # condition -> share of held-out samples, absent ones left out
    seconds: float


@dataclass(frozen=True, slots=True)
class FoldEnded:
    fold: int
    accuracy: dict[str, float]  # condition -> share of held-out samples
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """One sentence for the user; ``details`` is the traceback behind *Copy details*."""

    message: str
    details: str = ""
    fold: int = -1


@dataclass(frozen=True, slots=True)
class Logged:
    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embedded:
    """An embedding as it looks after so many of its steps."""

    step: int
    total: int
    points: str  # base64 of little-endian float32 (n, 2), row by row


@dataclass(frozen=True, slots=True)
class PictureStarted:
    """From now on each ``Embedded`` is of this run; arrays as ``engine.arrays`` packs them."""

    run: str
    samples: dict[str, Any]  # ids, (n,)
    held_out: dict[str, Any]  # (n,) bool


@dataclass(frozen=True, slots=True)
class Pictured:
    """The embedding of a run is whole."""

    run: str
    document: dict[str, Any]  # as ``engine.analysis.embed`` makes it


@dataclass(frozen=True, slots=True)
class RunEnded:
    state: str  # finished, stopped or failed
    seconds: float


@dataclass(frozen=True, slots=True)
class RunExplained:
    """Heatmaps of one run: the columns of ``engine.heatmaps.Heatmaps``, arrays packed."""

    run: str
    heatmaps: dict[str, Any]
    layers: list[str]  # where else one may look


Event = (
    Progressed
    | RunStarted
    | FoldStarted
    | BatchEnded
    | EpochEnded
    | FoldEnded
    | Failed
    | Logged
    | Embedded
    | PictureStarted
    | Pictured
    | RunExplained
    | RunEnded
)
Report = Callable[[Event], None]
_KINDS = {cls.__name__: cls for cls in Event.__args__}


def silent(event: Event) -> None:
    """A report that nobody listens to."""


def encode(event: Event) -> str:
    """One JSON line, without its line end."""
    return json.dumps({"event": type(event).__name__, **asdict(event)}, ensure_ascii=False)


def decode(line: str) -> Event | None:
    """The event of a line; nothing for a line cut short by a crash or said by a newer version."""
    try:
        values = json.loads(line)
        event: Event = _KINDS[values.pop("event")](**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return event
