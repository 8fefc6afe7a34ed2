"""What a study remembers of the networks trained in it, though their runs may be gone for good.

Each has a record of a few KB, written when the network is saved or, if an older program saved it,
when it is first met.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from engine.domain import Failure
from engine.store.files import make_folder, read_as, reading, write_bytes

if TYPE_CHECKING:
    from engine.store.runs import Run

FOLDER = "networks"  # of the study
TRUNK = "trunk."  # before the names of the tensors by which a network is known again
FLOATS = ("F64", "F32", "F16")
Summary = tuple[float, float, float, float]


@dataclass(frozen=True)
class NetworkRecord:
    """A network that a fold of a run left."""

    run: str  # its id
    fold: int
    written: int  # in nanoseconds since 1970: another network may take its place
    trained_on: tuple[str, ...] | None  # subjects; ``None`` if more may have come from elsewhere
    began_from: str  # the sha256 of a weight file; empty: random weights
    values: dict[str, Summary]  # by the trunk's names

    @property
    def record(self) -> str:
        return f"{self.run}-fold-{self.fold + 1:02}-{self.written}.json"


def remember(run: "Run", folder: str = "fold-*") -> list[NetworkRecord]:
    """The networks in the run's folders; of new ones a record is kept where one can be written."""
    found = []
    for file in sorted(run.folder.glob(f"{folder}/network.safetensors")):
        with suppress(OSError, SafetensorError, ValueError):  # it is damaged or none
            found.append(_met(run, file))
    return found


def list_gone(study: Path, there: set[str]) -> Iterator[NetworkRecord]:
    """The networks of all records but those named in ``there``. ``Failure`` for a damaged one."""
    for file in sorted((study / FOLDER).glob("[!.]*.json")):
        if file.name not in there:
            try:
                yield read_as(NetworkRecord, file)
            except Failure as error:
                raise Failure(
                    f"{error} It tells which network of this study weights may not come from: "
                    "without a copy, remove it."
                ) from error


def is_recorded(run: "Run", fold: int) -> bool:
    """Whether any network of that fold is remembered."""
    names = f"{escape(run.id)}-fold-{fold + 1:02}-*.json"
    return any((run.study_folder / FOLDER).glob(names))


def summarise(tensor: NDArray[Any]) -> Summary:
    """Numbers from all over its first row, by which a tensor that is not empty is known again."""
    row = np.ravel(tensor[:1] if tensor.ndim > 1 else tensor)
    chosen = row[np.linspace(0, row.size - 1, 4).astype(int)]
    one, two, three, four = (float(f"{value:.6g}") for value in np.nan_to_num(chosen.astype("f4")))
    return one, two, three, four


def list_trained_on(run: "Run", fold: int) -> tuple[str, ...] | None:
    """Whom its network has seen; ``None`` where more may have come from other networks."""
    try:
        brought = run.experiment.weights or run.experiment.teacher
        known = fold in range(len(run.protocol.folds)) and not brought
        return tuple(run.protocol.folds[fold].train) if known else None
    except Failure:
        return None


def _met(run: "Run", file: Path) -> NetworkRecord:
    fold, written = int(file.parent.name.removeprefix("fold-")) - 1, file.stat().st_mtime_ns
    told = NetworkRecord(run.id, fold, written, list_trained_on(run, fold), _began_from(run), {})
    record = run.study_folder / FOLDER / told.record
    with suppress(Failure):  # there is none, or it is damaged and made anew
        return replace(told, values=read_as(NetworkRecord, record).values)
    told = replace(told, values=_values(file))
    with suppress(OSError):
        make_folder(record.parent)
        write_bytes(record, json.dumps(asdict(told), ensure_ascii=False).encode())
    return told


def _began_from(run: "Run") -> str:
    try:
        return run.experiment.weights_sha256
    except Failure:
        return ""


def _values(network: Path) -> dict[str, Summary]:
    """Read from a few pages of the file."""
    with reading(network), safe_open(network, framework="numpy") as stored:
        names = [name for name in stored.keys() if name.startswith(TRUNK)]  # noqa: SIM118
        slices = {name.removeprefix(TRUNK): stored.get_slice(name) for name in names}
        return {
            name: summarise(tensor[:1] if len(tensor.get_shape()) > 1 else tensor[:])
            for name, tensor in slices.items()
            if tensor.get_dtype() in FLOATS and all(tensor.get_shape() or [0])
        }
