"""Packed pixels: every image of a dataset decoded once into one uint8 memory map."""

import io
import math
import os
import shutil
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.images import Unreadable, decode_sample, square
from engine.domain import Dataset, Failure, Sample
from engine.events import Progressed, Report
from engine.store.cache_files import pixels_file
from engine.store.files import make_folder, reading, replacing
from engine.system.faults import cause
from engine.system.processes import cores
from engine.system.threads import side_by_side

Pixels = NDArray[np.uint8]  # (n, size, size, 3)
Sums = NDArray[np.uint32]  # (n,): a checksum of each image's pixels
CHUNK = 64
ANY = 1 << 62  # bytes: a map is never read whole
NAMED = 3  # images of which a sentence speaks


class Broken(Failure):
    """Images have gone, broken or changed since their import."""


def pack(dataset: Dataset, size: int, cache: Path, report: Report) -> Path:
    """The dataset's memory map at ``size`` px, (n, size, size, 3) in its order; made if absent.

    A damaged one is made anew. Raises ``Broken`` that names the first images that have gone,
    broken or changed since their import, ``Failure`` where the map cannot be written.
    """
    file = place(dataset, size, cache)
    shape = (len(dataset), size, size, 3)
    if _whole(file, shape):
        return file
    try:
        make_folder(cache, parents=True)
        _check_room(cache, math.prod(shape))
        with replacing(file) as draft:
            packed = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
            sums = _fill(packed, dataset.samples, report)
            packed.flush()
            del packed
            with draft.open("ab") as stream:
                stream.write(sums.tobytes())
    except OSError as error:
        raise Failure(f"The packed images {file} cannot be written: {cause(error)}.") from error
    return file


def place(dataset: Dataset, size: int, cache: Path) -> Path:
    """Where the dataset's memory map at ``size`` px is or would be."""
    return pixels_file(cache, dataset.fingerprint, size)


def some(dataset: Dataset, rows: Sequence[int], size: int, cache: Path) -> Pixels:
    """Pixels of a few rows, (n, size, size, 3): packed ones where there are, else just read.

    Raises ``Broken`` that names the first images that have gone, broken or changed.
    """
    file, shape = place(dataset, size, cache), (len(dataset), size, size, 3)
    if _has_shape(file, shape):
        found = np.asarray(open_packed(file)[np.asarray(rows)])
        if np.array_equal(_sum(found), _sums(file, shape)[np.asarray(rows)]):
            return found
    pixels, broken = _decode([dataset.samples[row] for row in rows], size)
    _refuse(broken)
    return pixels


def readable(
    dataset: Dataset, rows: Sequence[int], size: int, cache: Path
) -> tuple[list[int], Pixels]:
    """As ``some``, of the rows that can be read; and which those are."""
    try:
        return list(rows), some(dataset, rows, size, cache)
    except Broken:
        if len(rows) == 1:
            return [], np.empty((0, size, size, 3), dtype=np.uint8)
    alone = [readable(dataset, [row], size, cache) for row in rows]
    return [row for kept, _ in alone for row in kept], np.concatenate([one for _, one in alone])


def open_packed(file: Path) -> Pixels:
    """Read-only, mapped: several processes share the same memory."""
    mapped: Pixels = np.load(file, mmap_mode="r", allow_pickle=False)
    return mapped


def _whole(file: Path, shape: tuple[int, ...]) -> bool:
    """Whether it is there and every image in it is as it was packed."""
    if not _has_shape(file, shape):
        return False
    found = file.stat()
    return _sound(file, shape, (found.st_ino, found.st_size, found.st_mtime_ns))


def _has_shape(file: Path, shape: tuple[int, ...]) -> bool:
    """Whether head and length are those of a map of this shape, with its sums behind it."""
    head = _head(shape)
    try:
        with reading(file, ANY) as stream:
            size = os.fstat(stream.fileno()).st_size
            return stream.read(len(head)) == head and size == len(head) + _length(shape)
    except OSError:
        return False


def _head(shape: tuple[int, ...]) -> bytes:
    head = io.BytesIO()
    facts = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(head, facts)
    return head.getvalue()


def _length(shape: tuple[int, ...]) -> int:
    return math.prod(shape) + shape[0] * np.dtype(np.uint32).itemsize


def _sums(file: Path, shape: tuple[int, ...]) -> Sums:
    behind = len(_head(shape)) + math.prod(shape)
    return np.fromfile(file, dtype="<u4", offset=behind)


@lru_cache(maxsize=8)
def _sound(file: Path, shape: tuple[int, ...], stamp: tuple[int, ...]) -> bool:
    """Whether every image has its sum; looked at once as long as nobody writes the file."""
    mapped, sums = open_packed(file), _sums(file, shape)
    starts = range(0, len(mapped), CHUNK)
    found = side_by_side(lambda start: _sum(mapped[start : start + CHUNK]), starts, cores())
    return all(np.array_equal(some, sums[start : start + CHUNK]) for start, some in found)


def _sum(pixels: Pixels) -> Sums:
    return np.array([zlib.crc32(one.tobytes()) for one in pixels], dtype="<u4")


def _check_room(cache: Path, needed: int) -> None:
    """A memory map on a full disk would end the process without a word."""
    free = shutil.disk_usage(cache).free
    if free < needed:
        raise Failure(
            f"The packed images need {needed / 1e9:.1f} GB, but {cache} has {free / 1e9:.1f} GB "
            "free: make room or choose a smaller size."
        )


def _fill(packed: Pixels, samples: Sequence[Sample], report: Report) -> Sums:
    """Raises ``Broken`` once every image has been looked at."""
    chunks = [samples[start : start + CHUNK] for start in range(0, len(samples), CHUNK)]
    size, sums, broken = packed.shape[1], np.zeros(len(samples), dtype="<u4"), list[Unreadable]()
    done = 0
    for chunk, (pixels, faults) in side_by_side(lambda c: _decode(c, size), chunks, cores()):
        packed[done : done + len(chunk)] = pixels
        sums[done : done + len(chunk)] = _sum(pixels)
        broken += faults
        done += len(chunk)
        report(Progressed("Packing images", done, len(samples)))
    _refuse(broken)
    return sums


def _decode(samples: Sequence[Sample], size: int) -> tuple[Pixels, list[Unreadable]]:
    """Those that cannot be used are black."""
    pixels = np.zeros((len(samples), size, size, 3), dtype=np.uint8)
    broken = []
    for row, sample in enumerate(samples):
        try:
            pixels[row] = square(decode_sample(sample, 2 * size), size)
        except Unreadable as error:
            broken.append(error)
    return pixels, broken


def _refuse(broken: Sequence[Unreadable]) -> None:
    """Raise ``Broken`` if there are any."""
    if len(broken) == 1:
        raise Broken(f"{broken[0]} It was fine when it was imported: see `msde check`.")
    if broken:
        first = " ".join(map(str, broken[:NAMED]))
        raise Broken(
            f"{len(broken):,} images have gone, broken or changed since their import: put them "
            f"back as they were, or import them again; `msde check` lists them. {first}"
        )
