"""What a run says while it works: frozen plain data that crosses processes as JSON lines."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from pydantic_core import from_json

from engine.domain import MOST_FOLDS

MOST_EPOCHS = 10_000
Count = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Fold = Annotated[int, Field(strict=True, ge=0, lt=MOST_FOLDS)]
Epoch = Annotated[int, Field(strict=True, ge=0, le=MOST_EPOCHS)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=10**10)]
Name = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(max_length=100_000)]
Shares = Annotated[dict[Name, Share], Field(max_length=10)]
Number = Annotated[float, Field(strict=True)]  # a loss or accuracy that diverged is none


class Cancelled(Exception):
    """Raised by ``report`` to stop the work. What has been stored by then stays valid."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """A step of known length, such as reading images, has come this far."""

    step: Name
    done: Count
    total: Count


@dataclass(frozen=True, slots=True)
class RunStarted:
    folds: Annotated[int, Field(strict=True, ge=1, le=MOST_FOLDS)]
    epochs: Epoch
    device: Name
    precision: Name
    workers: Annotated[int, Field(strict=True, ge=0, le=MOST_FOLDS)]


@dataclass(frozen=True, slots=True)
class FoldStarted:
    fold: Fold
    epoch: Epoch  # the first one still to do: above 0 after Resume
    images: Count  # in the training side


@dataclass(frozen=True, slots=True)
class BatchEnded:
    fold: Fold
    epoch: Epoch
    progress: Share  # of the fold


@dataclass(frozen=True, slots=True)
class EpochEnded:
    fold: Fold
    epoch: Epoch
    progress: Share  # of the fold
    losses: Annotated[dict[Name, Number], Field(max_length=50)]  # mean of each term over the epoch
    train_accuracy: Number
    test_accuracy: Shares  # condition -> of held-out samples, absent ones left out
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class FoldEnded:
    fold: Fold
    accuracy: Shares  # condition -> of held-out samples
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Failed:
    """One sentence for the user; ``details`` is the traceback behind *Copy details*."""

    message: Text
    details: Text = ""
    fold: Annotated[int, Field(strict=True, ge=-1, lt=MOST_FOLDS)] = -1  # -1: the whole run


@dataclass(frozen=True, slots=True)
class Logged:
    message: Text
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embedded:
    """An embedding as it looks after so many of its steps."""

    step: Count
    total: Count
    points: str  # base64 of little-endian float32 (n, 2), row by row


@dataclass(frozen=True, slots=True)
class EmbeddingStarted:
    """From now on each ``Embedded`` is of this run; arrays as ``json_arrays`` packs them."""

    run: str
    samples: dict[str, Any]  # ids, (n,)
    held_out: dict[str, Any]  # (n,) bool


@dataclass(frozen=True, slots=True)
class EmbeddingEnded:
    """The embedding of a run is whole."""

    run: str
    document: dict[str, Any]  # as ``engine.analysis.embed`` makes it


@dataclass(frozen=True, slots=True)
class RunEnded:
    state: Name  # finished, stopped or failed
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class RunExplained:
    """Heatmaps of one run: the columns of ``Heatmaps``, arrays packed."""

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
    | EmbeddingStarted
    | EmbeddingEnded
    | RunExplained
    | RunEnded
)
Report = Callable[[Event], None]
_ALL = ConfigDict(extra="forbid")  # what a newer version says is not half understood
_KINDS = {cls.__name__: TypeAdapter(with_config(_ALL)(cls)) for cls in Event.__args__}


def silent(event: Event) -> None:
    """A report that nobody listens to."""


_HALVES = re.compile("[\ud800-\udfff]")  # characters of a file's name that are no text


def encode(event: Event) -> str:
    """One JSON line, without its line end; what of a file's name is no text, by its number."""
    line = json.dumps({"event": type(event).__name__, **asdict(event)}, ensure_ascii=False)
    return _HALVES.sub(lambda half: rf"\\u{ord(half[0]):04x}", line)


def decode(line: str | bytes) -> Event | None:
    """The event of a line; nothing for a line cut short by a crash or said by a newer version.

    Values of another type or beyond what can be make it no event, too.
    """
    try:
        values = from_json(line)
        event: Event = _KINDS[values.pop("event")].validate_python(values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return event
