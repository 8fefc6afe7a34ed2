"""What crosses the pipes between the window and a process that answers it, and how it is packed.

Messages are pickled: both ends are this program, on one machine, and nothing of it is stored.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

HEAD = 8  # bytes in which a message's length is told


@dataclass(frozen=True)
class Asked:
    """A question: the kind is a module of ``engine.analysis``, the request what that one takes."""

    number: int
    kind: str
    request: Any


@dataclass(frozen=True)
class Withdrawn:
    """Nobody wants the answer any more."""

    number: int


@dataclass(frozen=True)
class Said:
    """Something that is told before the answer."""

    number: int
    event: Any


@dataclass(frozen=True)
class Answered:
    number: int
    answer: Any


@dataclass(frozen=True)
class Refused:
    """One sentence for the user, and the traceback behind it."""

    number: int
    sentence: str
    details: str


@dataclass(frozen=True)
class Dropped:
    """A withdrawn question is at its end."""

    number: int


Message = Asked | Withdrawn | Said | Answered | Refused | Dropped


def pack(message: Message) -> bytes:
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(HEAD, "big") + content


def read(stream: BinaryIO) -> Iterator[Message]:
    """Every whole message, each as soon as it is there, until the stream ends."""
    while len(head := stream.read(HEAD)) == HEAD:
        length = int.from_bytes(head, "big")
        if len(content := stream.read(length)) < length:
            return
        yield pickle.loads(content)


def take(received: bytearray) -> Iterator[Message]:
    """Every whole message of what was received by now; a part of one stays in it."""
    while len(received) >= (end := HEAD + int.from_bytes(received[:HEAD], "big")):
        content = bytes(received[HEAD:end])
        del received[:end]
        yield pickle.loads(content)
