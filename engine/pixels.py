"""Packed pixels: every image of a dataset decoded once into one uint8 memory map."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Failure
from engine.events import Progressed, Report
from engine.images import decode, square
from engine.processes import cores
from engine.store.files import replacing
from engine.threads import side_by_side

Pixels = NDArray[np.uint8]  # (n, size, size, 3)
CHUNK = 64


class Broken(Failure):
    """An image has gone or broken since its import."""


def pack(dataset: Dataset, size: int, cache: Path, report: Report) -> Path:
    """The dataset's memory map at ``size`` px, (n, size, size, 3) in its order; made if absent.

    Raises ``Broken`` that names the first image that has gone or broken since its import.
    """
    file = place(dataset, size, cache)
    if file.exists():
        return file
    cache.mkdir(parents=True, exist_ok=True)
    files = [sample.file for sample in dataset.samples]
    shape = (len(files), size, size, 3)
    _check_room(cache, math.prod(shape))
    with replacing(file) as draft:
        packed = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
        _fill(packed, files, report)
        packed.flush()
        del packed
    return file


def place(dataset: Dataset, size: int, cache: Path) -> Path:
    """Where the dataset's memory map at ``size`` px is or would be."""
    return cache / f"pixels-{dataset.fingerprint[:20]}-{size}.npy"


def some(dataset: Dataset, rows: Sequence[int], size: int, cache: Path) -> Pixels:
    """Pixels of a few rows, (n, size, size, 3): packed ones where there are, else just read.

    Raises ``Broken`` that names the first image that has gone or broken since its import.
    """
    file = place(dataset, size, cache)
    if file.exists():
        return np.asarray(opened(file)[np.asarray(rows)])
    return _decoded([dataset.samples[row].file for row in rows], size)


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


def opened(file: Path) -> Pixels:
    """Read-only, mapped: several processes share the same memory."""
    mapped: Pixels = np.load(file, mmap_mode="r", allow_pickle=False)
    return mapped


def _check_room(cache: Path, needed: int) -> None:
    """A memory map on a full disk would end the process without a word."""
    free = shutil.disk_usage(cache).free
    if free < needed:
        raise Failure(
            f"The packed images need {needed / 1e9:.1f} GB, but {cache} has {free / 1e9:.1f} GB "
            "free: make room or choose a smaller size."
        )


def _fill(packed: Pixels, files: Sequence[Path], report: Report) -> None:
    chunks = [files[start : start + CHUNK] for start in range(0, len(files), CHUNK)]
    size = packed.shape[1]
    done = 0
    for chunk, pixels in side_by_side(lambda chunk: _decoded(chunk, size), chunks, cores()):
        packed[done : done + len(chunk)] = pixels
        done += len(chunk)
        report(Progressed("Packing images", done, len(files)))


def _decoded(files: Sequence[Path], size: int) -> Pixels:
    return np.stack([_read(file, size) for file in files])


def _read(file: Path, size: int) -> Pixels:
    try:
        pixels: Pixels = square(decode(file, 2 * size), size)
    except Failure as error:
        raise Broken(f"{error} It was fine when it was imported: see `msde check`.") from error
    return pixels
