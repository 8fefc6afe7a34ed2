"""What a run says while it works: frozen plain data that crosses processes as JSON lines."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

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

    event: Literal["Progressed"] = field(default="Progressed", kw_only=True, repr=False)
    step: Name
    done: Count
    total: Count


@dataclass(frozen=True, slots=True)
class RunStarted:
    event: Literal["RunStarted"] = field(default="RunStarted", kw_only=True, repr=False)
    folds: Annotated[int, Field(strict=True, ge=1, le=MOST_FOLDS)]
    epochs: Epoch
    device: Name
    precision: Name
    workers: Annotated[int, Field(strict=True, ge=0, le=MOST_FOLDS)]


@dataclass(frozen=True, slots=True)
class FoldStarted:
    event: Literal["FoldStarted"] = field(default="FoldStarted", kw_only=True, repr=False)
    fold: Fold
    epoch: Epoch  # the first one still to do: above 0 after Resume
    images: Count  # in the training side


@dataclass(frozen=True, slots=True)
class BatchEnded:
    event: Literal["BatchEnded"] = field(default="BatchEnded", kw_only=True, repr=False)
    fold: Fold
    epoch: Epoch
    progress: Share  # of the fold


@dataclass(frozen=True, slots=True)
class EpochEnded:
    event: Literal["EpochEnded"] = field(default="EpochEnded", kw_only=True, repr=False)
    fold: Fold
    epoch: Epoch
    progress: Share  # of the fold
    losses: Annotated[dict[Name, Number], Field(max_length=50)]  # mean of each term over the epoch
    train_accuracy: Number
    test_accuracy: Shares  # condition -> of held-out samples, absent ones left out
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class FoldEnded:
    event: Literal["FoldEnded"] = field(default="FoldEnded", kw_only=True, repr=False)
    fold: Fold
    accuracy: Shares  # condition -> of held-out samples
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Failed:
    """One sentence for the user; ``details`` is the traceback behind *Copy details*."""

    event: Literal["Failed"] = field(default="Failed", kw_only=True, repr=False)
    message: Text
    details: Text = ""
    fold: Annotated[int, Field(strict=True, ge=-1, lt=MOST_FOLDS)] = -1  # -1: the whole run


@dataclass(frozen=True, slots=True)
class Logged:
    event: Literal["Logged"] = field(default="Logged", kw_only=True, repr=False)
    message: Text
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEnded:
    event: Literal["RunEnded"] = field(default="RunEnded", kw_only=True, repr=False)
    state: Name  # finished, stopped or failed
    seconds: Seconds


Event = (
    Progressed
    | RunStarted
    | FoldStarted
    | BatchEnded
    | EpochEnded
    | FoldEnded
    | Failed
    | Logged
    | RunEnded
)
Report = Callable[[Event], None]
for _kind in get_args(Event):  # what a newer version says is not half understood
    with_config(ConfigDict(extra="forbid"))(_kind)
_HALVES = re.compile("[\ud800-\udfff]")  # characters of a file's name that are no text


@cache
def _reader() -> TypeAdapter[Event]:
    """Made when the first line is read: that takes a twentieth of the window's start."""
    return TypeAdapter(Annotated[Event, Field(discriminator="event")])


def silent(event: Event) -> None:
    """A report that nobody listens to."""


def encode(event: Event) -> str:
    """One JSON line, without its line end; what of a file's name is no text, by its number."""
    line = json.dumps(asdict(event), ensure_ascii=False)
    return _HALVES.sub(lambda half: rf"\\u{ord(half[0]):04x}", line)


def decode(line: str | bytes) -> Event | None:
    """The event of a line; nothing for a line cut short by a crash or said by a newer version.

    Values of another type or beyond what can be make it no event, too.
    """
    try:
        return _reader().validate_json(line)
    except (ValidationError, UnicodeEncodeError):  # the latter: halves of characters
        return None
