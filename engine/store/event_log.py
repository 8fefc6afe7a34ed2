"""What a run has said: its lines of events, read a bounded piece at a time."""

from pathlib import Path

from engine.domain import Failure
from engine.events import Event, decode
from engine.experiment.progress import telling
from engine.store.files import reading
from engine.system.faults import cause

PIECE = 16 * 2**20  # bytes that are read at once
LONGEST_LINE = 2**20  # bytes
LONGEST_LOG = 256 * 2**20  # bytes that are read of a run
MOST_EVENTS = 200_000  # of a run, batches apart: a thousand folds of a hundred epochs are half


def events(file: Path) -> list[Event]:
    """All of them, but batches that a later one outdates; of an endless log the beginning.

    Raises ``Failure`` if the file cannot be read.
    """
    said: list[Event] = []
    place, end = -1, 0
    while place < end < LONGEST_LOG and len(said) < MOST_EVENTS:
        place = end
        some, end = events_since(file, place, PIECE)
        said += telling(some)
    return said


def events_since(file: Path, offset: int, most: int = PIECE) -> tuple[list[Event], int]:
    """Events written after byte ``offset``, and where to go on; lines that are none are skipped.

    From ``most`` bytes on no further line is begun. Raises ``Failure`` as ``lines_since`` does.
    """
    lines, end = lines_since(file, offset, most)
    return [event for event in map(decode, lines) if event], end


def lines_since(file: Path, offset: int, most: int = PIECE) -> tuple[list[bytes], int]:
    """Lines after byte ``offset``, and where to go on; half-written ones wait, endless ones do not.

    Raises ``Failure`` if the file cannot be read.
    """
    try:
        with reading(file) as stream:
            stream.seek(offset)
            content = stream.read(most) + stream.readline(LONGEST_LINE)
    except FileNotFoundError:
        return [], offset
    except OSError as error:
        raise Failure(f"{file} cannot be read: {cause(error)}.") from error
    end = content.rfind(b"\n") + 1
    if not end and len(content) >= LONGEST_LINE:
        return [content], offset + len(content)
    return content[:end].split(b"\n")[:-1], offset + end
