"""Aligned columns of numbers in one npz file: written as declared, checked against it when read."""

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure
from engine.store.files import FORMAT, Newer, check_format, make_folder, reading, write_bytes
from engine.system.faults import cause

TEXT = "U"  # the dtype of a column that is one text
LARGEST = 2**31  # bytes of all columns: a gigabyte of features and room
MOST_MEMBERS = 64
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    rb"\{'descr': '([<|]\w{1,12})', 'fortran_order': (True|False), "
    rb"'shape': \((\d{0,18}(?:, ?\d{1,18})*),?\), \} *\n"
)
_PIECE = 2**20  # bytes
_DAMAGE = (
    ValueError, KeyError, EOFError, RuntimeError, MemoryError, TypeError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class Damaged(Failure):
    """What is there is not what was written."""


@dataclass(frozen=True)
class Column:
    """What a column may hold. Lengths of the same name are equal; floats are finite."""

    dtype: str  # as numpy writes it, such as "<i8"; or ``TEXT``
    shape: tuple[int | str, ...] = ("n",)
    low: float = -math.inf
    high: float = math.inf
    distinct: bool = False
    gaps: bool = False  # whether NaN stands for what is not known


@dataclass(frozen=True)
class _Header:
    """What the file says of one array."""

    dtype: np.dtype[Any]
    columns_first: bool
    shape: tuple[int, ...]
    length: int  # bytes before the numbers

    @property
    def size(self) -> int:
        """Bytes of the numbers."""
        return math.prod(self.shape) * self.dtype.itemsize


def save_columns(file: Path, columns: Mapping[str, Any], *, compressed: bool = False) -> None:
    """Write the file whole or not at all; texts are columns, too."""
    buffer = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    whole = {"format": FORMAT, **columns}
    plain: dict[str, Any] = {name: np.asarray(column) for name, column in whole.items()}
    save(buffer, allow_pickle=False, **plain)
    make_folder(file.parent, parents=True)
    write_bytes(file, buffer.getvalue())


def keep_columns(file: Path, columns: Mapping[str, Any], *, compressed: bool = True) -> None:
    """As ``save_columns``, in a cache: on a medium that can only be read nothing is kept."""
    with suppress(OSError):
        save_columns(file, columns, compressed=compressed)


def load_columns(
    file: Path, declared: Mapping[str, Column], lengths: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """The declared columns; others are left alone. ``lengths`` fixes some of those by name.

    Sizes are looked up before any number is read. Raises ``Damaged`` that says what is wrong,
    ``Newer`` for a format of later versions, and ``Failure`` for what cannot be opened.
    """
    try:
        with reading(file) as stream, _damage(file):
            stored = zipfile.ZipFile(stream)  # nothing to close besides the stream
            if "format.npy" in stored.namelist():
                told = _load(stored, {"format": Column("<i8", ())}, {})["format"]
                check_format(file, {"format": int(told)})
            return _load(stored, declared, dict(lengths or {}))
    except (FileNotFoundError, PermissionError) as error:
        raise Failure(f"{file} cannot be read: {cause(error)}.") from error
    except OSError as error:  # a folder, a pipe, a disk that fails
        raise Damaged(f"{file} cannot be read: {cause(error)}.") from error


def load_kept(
    file: Path, declared: Mapping[str, Column], lengths: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]] | None:
    """As ``load_columns``; nothing if it has to be made, since it is missing or damaged."""
    try:
        return load_columns(file, declared, lengths)
    except Newer:
        raise
    except Failure:
        return None


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    """Whatever the bytes of a file make of their reader, as ``Damaged``."""
    try:
        yield
    except _DAMAGE as error:
        reason = str(error).strip("'\"")[:200] or type(error).__name__
        raise Damaged(f"{file} is damaged ({reason}): make it anew.") from error


def _load(
    stored: zipfile.ZipFile, declared: Mapping[str, Column], lengths: dict[str, int]
) -> dict[str, NDArray[Any]]:
    if len(stored.infolist()) > MOST_MEMBERS:
        raise ValueError("it holds too many arrays")
    headers = {}
    for name, column in declared.items():
        with stored.open(f"{name}.npy") as member:
            headers[name] = _header(member)
        _compare(name, headers[name], column, lengths)
        if stored.getinfo(f"{name}.npy").file_size != headers[name].length + headers[name].size:
            raise ValueError(f"{name} has another size than it says")
    if sum(header.size for header in headers.values()) > LARGEST:
        raise ValueError(f"it holds more than {LARGEST:,} bytes")
    found = {name: _values(stored, name, header) for name, header in headers.items()}
    for name, column in declared.items():
        _check(name, found[name], column)
    return found


def _header(member: IO[bytes]) -> _Header:
    """Read the form that numpy writes, no other: nothing is evaluated."""
    start = member.read(len(_MAGIC) + 2)
    length = int.from_bytes(start[-2:], "little")
    match = _HEADER.fullmatch(member.read(length))
    if start[:-2] != _MAGIC or not match:
        raise ValueError("an array has no header that numpy writes")
    dtype, order, shape = match.groups()
    sides = tuple(int(side) for side in shape.split(b",") if side.strip())
    return _Header(np.dtype(dtype.decode()), order == b"True", sides, len(start) + length)


def _compare(name: str, header: _Header, column: Column, lengths: dict[str, int]) -> None:
    """Raise ``ValueError`` unless the array is of the declared type and shape."""
    fits = header.dtype.kind == TEXT if column.dtype == TEXT else header.dtype.str == column.dtype
    shape = () if column.dtype == TEXT else column.shape
    if not fits or len(header.shape) != len(shape):
        raise ValueError(f"{name} is {header.dtype} of shape {header.shape}")
    for side, wanted in zip(header.shape, shape, strict=True):
        length = lengths.setdefault(wanted, side) if isinstance(wanted, str) else wanted
        if side != length:
            raise ValueError(f"{name} has {side} rows or columns where {length} belong")


def _values(stored: zipfile.ZipFile, name: str, header: _Header) -> NDArray[Any]:
    order = header.shape[::-1] if header.columns_first else header.shape
    flat = np.empty(math.prod(order), header.dtype)
    room = flat.view(np.uint8) if header.size else flat
    with stored.open(f"{name}.npy") as member:
        member.read(header.length)
        for place in range(0, header.size, _PIECE):
            piece = member.read(min(_PIECE, header.size - place))
            room[place : place + len(piece)] = np.frombuffer(piece, np.uint8)
        member.read(1)  # the end is where the checksum is compared
    return flat.reshape(order).T if header.columns_first else flat.reshape(order)


def _check(name: str, values: NDArray[Any], column: Column) -> None:
    """Raise ``ValueError`` for numbers, or a text, that cannot be."""
    if column.dtype == TEXT:
        values.tobytes().decode("utf-32-le").encode()  # no half characters
        return
    numbers = values.view(np.uint8) if values.dtype == np.bool_ else values
    high = 1 if values.dtype == np.bool_ else column.high
    known = numbers[~np.isnan(numbers)] if column.gaps else numbers
    if known.size and not (np.isfinite(known).all() and column.low <= known.min()):
        raise ValueError(f"{name} has values that cannot be")
    if known.size and known.max() > high:
        raise ValueError(f"{name} has values that cannot be")
    if column.distinct and len(np.unique(values)) < len(values):
        raise ValueError(f"{name} has a value twice")
