"""The files of runs and their caches, nearly right: one kind after another is read and used."""

import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from benchmarks.hostile import using
from benchmarks.hostile.mutations import Mutate, bytes_changed
from engine.domain import Failure

if sys.platform != "win32":
    import resource

PATIENCE = 5  # seconds for one file
HEAVY = 2**18  # KiB more than before


@dataclass
class Fuzzed:
    """How many files of a kind were tried and how many answered wrongly, some with their trace."""

    tried: int = 0
    wrong: int = 0
    seconds: float = 0.0
    traces: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """A file, how to change it, and what reads it and uses what was read.

    ``use`` raises ``Failure`` for what it refuses; anything else that it raises is wrong.
    """

    file: Path
    mutate: tuple[Mutate, ...]
    use: Callable[[Path], object]


def fuzz(cases: int, seed: int) -> Mapping[str, Fuzzed]:
    """So many files of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = {name: Kind(*parts) for name, parts in using.kinds(Path(folder)).items()}
        return {name: _of(kind, name, cases, seed) for name, kind in kinds.items()}


def _of(kind: Kind, name: str, cases: int, seed: int) -> Fuzzed:
    whole, found, began = kind.file.read_bytes(), Fuzzed(), time.monotonic()
    kind.use(kind.file)  # the whole file is not refused
    for number in range(cases):
        random = Random(f"{name}/{seed}/{number}")
        mutate = random.choice((*kind.mutate, *kind.mutate, bytes_changed))
        kind.file.write_bytes(mutate(random, whole))
        found.tried += 1
        try:
            _use(kind)
        except Exception:
            found.wrong += 1
            found.traces += [traceback.format_exc()] if len(found.traces) < 3 else []
    kind.file.write_bytes(whole)
    found.seconds = time.monotonic() - began
    return found


def _use(kind: Kind) -> None:
    """Raise for anything but an answer, or one printable sentence, in time and little memory."""
    before = _memory()
    with _patience(), warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence = _refusal(kind)
    assert "\n" not in sentence, sentence
    assert _memory() - before < HEAVY, "too much memory"


def _refusal(kind: Kind) -> str:
    """Empty if the file was read."""
    try:
        kind.use(kind.file)
    except Failure as failure:
        return str(failure)
    return ""


@contextmanager
def _patience() -> Iterator[None]:
    """Raise ``TimeoutError`` inside after ``PATIENCE`` seconds."""

    def raised(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, raised)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _memory() -> int:
    """The most that this process has ever held, KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
