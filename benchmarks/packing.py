"""Images packed a second, beside Pillow alone and Pillow in a pool of as many processes.

Twice: on the sample study's faces, as small as they ship, and on JPEGs of 1000 px such as cameras
make. All three decode, make RGB and resize with antialiasing; packing also writes its memory map to
disk and accounts for errors, and like the pool it starts its processes anew each time. The files
are read once before, rounds alternate, medians count.

    python -m benchmarks.packing [--size 224] [--faces 2014] [--large 400] [--rounds 3] [--json]
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from engine.data.packing import CHUNK, Pixels, open_packed, pack
from engine.data.sample_study import find_shipped
from engine.domain import Condition, Dataset, Expression, Failure, Sample
from engine.events import silent
from engine.system.processes import cores

LARGE = 1000  # px
Measured = dict[str, object]


def measure(chosen: argparse.Namespace) -> Measured:
    """Images a second of each way on each kind of images."""
    with tempfile.TemporaryDirectory(prefix="msde-bench-") as folder:
        place = Path(folder)
        kinds = {
            "sample study": _faces(chosen.faces),
            f"JPEGs of {LARGE} px": drawn(place / "large", chosen.large),
        }
        rows = [
            {"images": name, "files": len(files), **_measured(files, chosen, place)}
            for name, files in kinds.items()
        ]
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        "size": chosen.size,
        "rounds": chosen.rounds,
        "cores": cores(),
        "load": load,
        "rows": rows,
    }


def _measured(files: Sequence[Path], chosen: argparse.Namespace, place: Path) -> Measured:
    for file in files:
        file.read_bytes()  # from here on it comes from memory, for all
    ways: dict[str, Callable[[], object]] = {
        "msde": lambda: packed(files, chosen.size, place),
        "pillow": lambda: decoded(files, chosen.size),
        "pillow_pool": lambda: in_pool(files, chosen.size),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(chosen.rounds):
        for name, way in ways.items():
            begun = perf_counter()
            way()
            seconds[name].append(perf_counter() - begun)
    speeds = {name: len(files) / statistics.median(took) for name, took in seconds.items()}
    return {
        "per_second": {name: round(speed, 1) for name, speed in speeds.items()},
        "to_pillow": round(speeds["msde"] / speeds["pillow"], 2),
        "to_pool": round(speeds["msde"] / speeds["pillow_pool"], 2),
    }


def packed(files: Sequence[Path], size: int, place: Path) -> Pixels:
    """The program's way, into a cache that has nothing yet."""
    face = partial(Sample, subject="", expression=Expression.HAPPY, condition=Condition.MASKED)
    dataset = Dataset("faces", tuple(face(row, file) for row, file in enumerate(files)))
    with tempfile.TemporaryDirectory(dir=place) as cache:
        return open_packed(pack(dataset, size, Path(cache), silent))


def decoded(files: Sequence[Path], size: int) -> Pixels:
    """Pillow's way."""
    return np.stack([_resized(file, size) for file in files])


def in_pool(files: Sequence[Path], size: int) -> Pixels:
    """The same in as many processes as packing takes."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores(), spawn) as workers:
        return np.stack(list(workers.map(partial(_resized, size=size), files, chunksize=CHUNK)))


def _resized(file: Path, size: int) -> Pixels:
    with Image.open(file) as image:
        small = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(small)


def _faces(n: int) -> list[Path]:
    source = find_shipped()
    if source is None:
        raise Failure("The sample study is not part of this installation: install it again.")
    return sorted((source / "faces").iterdir())[:n]


def drawn(folder: Path, n: int) -> list[Path]:
    """JPEGs as detailed as photographs: coarse and fine noise."""
    folder.mkdir()
    random = np.random.default_rng(0)
    files = [folder / f"{number:04}.jpg" for number in range(n)]
    for file in files:
        coarse = Image.fromarray(random.integers(0, 256, (40, 40, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((LARGE, LARGE), Image.Resampling.BICUBIC))
        fine = random.normal(0, 6, (LARGE, LARGE, 1))
        Image.fromarray((smooth + fine).clip(0, 255).astype(np.uint8)).save(file, quality=90)
    return files


def shown(measured: Measured) -> str:
    """The table for people."""
    of = measured
    lines = [
        f"Packed at {of['size']} px; {of['cores']} cores, load {of['load']}, "
        f"median of {of['rounds']}",
        f"{'images a second':<22}{'files':>7}{'msde':>9}{'Pillow':>9}{'Pillow, pool':>14}",
    ]
    for row in of["rows"]:  # type: ignore[attr-defined]
        msde, pillow, pool = row["per_second"].values()
        cells = f"{row['images']:<22}{row['files']:>7}{msde:>9}{pillow:>9}{pool:>14}"
        lines.append(f"{cells}   {row['to_pillow']} × Pillow, {row['to_pool']} × the pool")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--faces", type=int, default=2014, help="of the sample study's 2,014")
    parser.add_argument("--large", type=int, default=400, help=f"JPEGs of {LARGE} px")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    measured = measure(chosen)
    sys.stdout.write(json.dumps(measured) + "\n" if chosen.json else shown(measured))


if __name__ == "__main__":
    main()
