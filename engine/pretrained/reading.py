"""Read the tensors of a weight file of any kind without running what it may contain."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from safetensors.torch import load_file
from torch import Tensor

from engine.domain import Failure
from engine.pretrained.pickled_tensors import Bytes, Rebuilding, itemsize
from engine.pretrained.safe_unpickle import Foreign, Made, describe
from engine.pretrained.source import open_weights

DEPTH = 4  # mappings within mappings that are looked into
LONGEST = 500  # characters of a tensor's name
Tensors = dict[str, Tensor]
Content = tuple[Any, Rebuilding]


def read(file: Path) -> dict[str, Tensors]:
    """Every mapping from names to tensors in the file by its place, the outermost first.

    The place of the outermost is empty, of others such as ``state_dict.``. Raises ``Failure`` for
    a file that cannot be read, is damaged, is no weight file or holds more than tensors.
    """
    try:
        with open_weights(file) as stream:
            found = dict(_mappings(*_content(stream, file)))
    except Foreign as error:
        raise Failure(
            f"The weight file {file} asks for {error}, which could run code: nothing of it was "
            "run. Save its tensors alone, as safetensors or by torch.save of a state dict."
        ) from error
    except MemoryError as error:
        raise Failure(f"{file} needs more memory than is free: end other programs.") from error
    except Failure:
        raise
    except Exception as error:  # whatever foreign bytes make of a parser
        raise Failure(f"{file} is damaged or no weight file: copy or save it again.") from error
    if not found:
        raise Failure(f"The weight file {file} holds no tensors by name: save a state dict.")
    return found


def _content(stream: IO[bytes], file: Path) -> Content:
    """By how the file begins; its name may say anything."""
    size = file.stat().st_size
    start = stream.read(32)
    stream.seek(0)
    if SAFETENSORS.match(start):
        return load_file(file), Rebuilding(size)
    reader = next(reader for magic, reader in PICKLES if magic.match(start))
    return reader(stream, size)


def _archive(stream: IO[bytes], size: int) -> Content:
    """What torch writes: a pickle, and a file for each storage, none of them compressed."""
    archive = zipfile.ZipFile(stream)
    pickled = next(name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl")
    folder = pickled.removesuffix("data.pkl")

    def part(name: str) -> bytes:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > size:
            raise ValueError("compressed")
        if not info.CRC:
            del info.CRC  # torch was told to compute none
        return archive.read(info)

    if f"{folder}byteorder" in archive.namelist() and part(f"{folder}byteorder") != b"little":
        raise ValueError("bytes in another order")
    content = describe(io.BytesIO(part(pickled))).content
    return content, Rebuilding(size, lambda made: part(f"{folder}data/{made.arguments[2]}"))


def _until_2020(stream: IO[bytes], size: int) -> Content:
    """Three pickles of facts, one of the content, one of keys, then the storages in that order."""
    rest = io.BytesIO(stream.read(size))
    *_, pickle, keys = (describe(rest) for _ in range(5))
    sizes = {made.arguments[2]: itemsize(made) for made in pickle.stored}
    places: dict[Any, Bytes] = {}
    for key in keys.content:
        (count,) = struct.unpack("<q", rest.read(8))
        if not isinstance(key, str) or not 0 <= count * sizes[key] <= size - rest.tell():
            raise ValueError("a storage beyond the end")
        places[key] = rest.read(count * sizes[key])
    return pickle.content, Rebuilding(size, lambda made: places[made.arguments[2]])


def _plain(stream: IO[bytes], size: int) -> Content:
    """A pickle of numpy arrays."""
    return describe(io.BytesIO(stream.read(size))).content, Rebuilding(size)


SAFETENSORS = re.compile(rb".{8}\{", re.DOTALL)  # the length of a JSON head, and the head
PICKLES: tuple[tuple[re.Pattern[bytes], Callable[[IO[bytes], int], Content]], ...] = (
    (re.compile(rb"PK\x03\x04"), _archive),
    (re.compile(rb"\x80.(\x95.{8})?\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", re.DOTALL), _until_2020),
    (re.compile(rb""), _plain),
)


def _mappings(content: Any, rebuilding: Rebuilding) -> Iterator[tuple[str, Tensors]]:
    """Level by level, each mapping once: it may hold itself."""
    level, seen = [("", content)], set[int]()
    for _ in range(DEPTH):
        found = [(place, _entries(value, seen)) for place, value in level]
        for place, entries in found:
            made = {name: rebuilding.tensor(value) for name, value in entries.items()}
            tensors = {name: tensor for name, tensor in made.items() if tensor is not None}
            if tensors:
                yield place, tensors
        level = [(f"{place}{name}.", one) for place, held in found for name, one in held.items()]


def _entries(value: Any, seen: set[int]) -> dict[str, Any]:
    """What a mapping holds under proper names, unless it was seen before."""
    parts: list[Any] = [value] if isinstance(value, dict) else []
    if isinstance(value, Made):
        parts = [one for one in value.arguments[:1] if isinstance(one, dict | list)]
        parts.append(value.entries)
    unseen = [part for part in parts if id(part) not in seen]
    seen.update(map(id, unseen))
    return {name: one for part in unseen for name, one in _pairs(part) if _proper(name)}


def _pairs(part: dict[Any, Any] | list[Any]) -> Iterable[tuple[Any, Any]]:
    """Python 2 wrote ordered dictionaries as lists of pairs."""
    if isinstance(part, dict):
        return part.items()
    pairs = (pair for pair in part if isinstance(pair, list | tuple) and len(pair) == 2)
    return ((name, one) for name, one in pairs)


def _proper(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= LONGEST and name.isprintable()
