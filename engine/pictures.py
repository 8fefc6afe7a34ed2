"""Pictures of features as plain data: points, what they were made from, how far to trust them.

This module is light: it imports neither torch nor what embeds.
"""

import io
import json
import zipfile
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from engine.domain import Failure
from engine.embeddings.measures import Measures
from engine.events import Embedded
from engine.store.files import make_folder, write_bytes

_COLUMNS = ("samples", "held_out", "points", "start")


@dataclass(frozen=True)
class Picture:
    """The samples under the network of one fold of one run. Columns are aligned."""

    run: str
    fold: int
    embedding: str
    seed: int
    settings: dict[str, Any]  # all of them, as the embedding's ``Settings`` reads them
    version: str  # of the library that made it
    samples: NDArray[np.int64]  # ids
    held_out: NDArray[np.bool_]  # False: the network trained on that subject
    points: NDArray[np.float32]  # (n, 2)
    measures: Measures
    start: NDArray[np.float32] | None = None  # (n, 2): where the points were at first

    def __len__(self) -> int:
        return len(self.samples)


def write(picture: Picture, key: str, file: Path) -> None:
    """Store it whole or not at all; ``key`` says what it was made from."""
    facts = {name: value for name, value in asdict(picture).items() if name not in _COLUMNS}
    columns = {name: getattr(picture, name) for name in _COLUMNS}
    document = json.dumps({**facts, "key": key}, ensure_ascii=False)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, facts=np.array(document), **columns)
    make_folder(file.parent)
    write_bytes(file, buffer.getvalue())


def read(file: Path) -> tuple[Picture, str]:
    """The picture and its key. Raises ``Failure`` for a file that is missing or damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            columns = {name: stored[name] for name in _COLUMNS}
            facts = json.loads(str(stored["facts"]))
        key = str(facts.pop("key"))
        facts["measures"] = TypeAdapter(Measures).validate_python(facts["measures"])
        return Picture(**facts, **columns), key
    except (
        OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, ValidationError
    ) as error:  # fmt: skip
        raise Failure(f"The picture in {file} cannot be read: embed the run again.") from error


def frame(step: int, total: int, points: NDArray[Any]) -> Embedded:
    """What is said of an embedding while it is made."""
    content = np.ascontiguousarray(points, dtype="<f4").tobytes()
    return Embedded(step, total, b64encode(content).decode("ascii"))


def points_of(event: Embedded) -> NDArray[np.float32]:
    """The points of a frame, (n, 2), read-only."""
    return np.frombuffer(b64decode(event.points), dtype="<f4").reshape(-1, 2)
