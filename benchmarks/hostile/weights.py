"""Weight files from a grammar of hostile pickles, read in processes that may be killed.

``python -m benchmarks.hostile.weights CASES SEED`` says as JSON how many were tried, answered
wrongly (with anything but tensors or one sentence, slowly, or with much memory) and how many
ended or held up the reading process.
"""

import io
import json
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from benchmarks.hostile.grammar import Hostile, Kind
from engine.domain import Failure

KINDS: tuple[Kind, ...] = ("pickle", "zip", "legacy")
BATCH = 250  # files a process
PATIENCE = 15.0  # seconds for one file
SLOW = 5.0  # seconds
HEAVY = 2**19  # KiB more than before
ADDRESSES = 2**36  # bytes that the process may claim
MAGIC: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, {})
LEGACY = b"".join(pickle.dumps(fact, 2) for fact in MAGIC)


@dataclass(frozen=True)
class Fuzzed:
    """How many files were tried, and of these answered wrongly or ended the process."""

    tried: int
    wrong: int
    crashed: int


def fuzz(cases: int, seed: int) -> Fuzzed:
    """A third each are pickles, zip files and files as torch wrote them until 2020."""
    words = [sys.executable, "-m", "benchmarks.hostile.weights", str(cases), str(seed)]
    root = Path(__file__).parents[2]
    said = subprocess.run(words, stdout=subprocess.PIPE, check=True, cwd=root).stdout
    return Fuzzed(**json.loads(said))


def case(seed: int, number: int) -> bytes:
    """The content of a file; the same for the same two numbers."""
    random = Random(f"{seed}/{number}")
    kind = KINDS[number % len(KINDS)]
    hostile = Hostile(random, kind)
    pickled = hostile.state_dict()
    if kind == "zip":
        return _archive(pickled, random)
    if kind == "legacy":
        return LEGACY + pickled + _storages(sorted(hostile.keys), random)
    return pickled


def _archive(pickled: bytes, random: Random) -> bytes:
    buffer = io.BytesIO()
    kind = random.choice(6 * (zipfile.ZIP_STORED,) + (zipfile.ZIP_DEFLATED,))
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        archive.writestr("archive/data.pkl", pickled, zipfile.ZIP_STORED)
        archive.writestr("archive/byteorder", "little", zipfile.ZIP_STORED)
        archive.writestr("archive/version", "3\n", zipfile.ZIP_STORED)
        for key in range(random.randint(0, 4)):
            size = random.choice((864, 864, 432, 16, 0))
            archive.writestr(f"archive/data/{key}", random.randbytes(size))
    content = bytearray(buffer.getvalue())
    if random.random() < 0.05:
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content)


def _storages(keys: list[str], random: Random) -> bytes:
    counts = [random.choice((108, 108, 108, 4, 0, -1, 2**40, 2**62)) for _ in keys]
    parts = (n.to_bytes(8, "little", signed=True) + random.randbytes(432) for n in counts)
    return pickle.dumps(keys, 2) + b"".join(parts)


def measure(cases: int, seed: int) -> Fuzzed:
    """In processes that are copies of this one, which should be alone with its memory."""
    done, wrong, crashed = 0, 0, 0
    while done < cases:
        wanted = range(done, min(cases, done + BATCH))
        verdicts = _heard(wanted, seed)
        done += len(verdicts)
        wrong += verdicts.count(b"x")
        if len(verdicts) < len(wanted):
            crashed += 1
            done += 1
    return Fuzzed(cases, wrong, crashed)


def _heard(numbers: range, seed: int) -> bytes:
    """A byte for each file that a process of its own survived."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            _judge(numbers, seed, writing)
        finally:
            os._exit(0)
    os.close(writing)
    verdicts = b""
    while select.select([reading], [], [], PATIENCE)[0] and (some := os.read(reading, 4096)):
        verdicts += some
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return verdicts


def _judge(numbers: range, seed: int, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.pth"
        for number in numbers:
            file.write_bytes(case(seed, number))
            os.write(writing, b"." if _answered(file) else b"x")


def _answered(file: Path) -> bool:
    """Whether there was an answer in time: tensors whose values can be read, or one sentence."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        _touch(file)
    except Failure as failure:
        if not str(failure).isprintable():
            return False
    except BaseException:
        return False
    heavier = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return time.monotonic() - began < SLOW and heavier < HEAVY


def _touch(file: Path) -> None:
    from engine.pretrained.reading import read

    for tensors in read(file).values():
        for tensor in tensors.values():
            if tensor.numel() < 10**6:
                tensor.double().sum().item()


if __name__ == "__main__":
    import engine.pretrained.reading  # noqa: F401  # once, not in every copy

    cases, seed = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asdict(measure(cases, seed))) + "\n")
