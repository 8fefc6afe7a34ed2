"""How the costs of a study grow with its images, and how soon one of half a million opens.

Aims: nothing grows faster than the images do (a slope of 1 on logarithmic axes); a study of
500,000 opens in < 2 s, paints its first gallery in < 0.5 s and takes < 1 GB.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from PIL import Image

from engine.data.importing import inspect, save
from engine.data.packing import open_packed, pack
from engine.domain import Condition, Dataset, Expression
from engine.events import silent
from engine.experiment.fold_rows import held_out_rows, training_rows
from engine.experiment.folds import split
from engine.store.study import Inspected, Study, source_of

COUNTS = (2_000, 20_000, 200_000)
LARGEST = 500_000
AGAIN = 50_000  # images of one addition: their thumbnails pass through memory
SIDE, PACKED = 32, 16  # px
FOLDS = 10


def measure(counts: tuple[int, ...], largest: int) -> dict[str, object]:
    seconds = {count: grown(count) for count in counts}
    steps = {step: [seconds[count][step] for count in counts] for step in seconds[counts[0]]}
    slopes = {step: slope(counts, values) for step, values in steps.items()}
    return {"images": counts, "seconds": steps, "slopes": slopes, "opening": opening(largest)}


def slope(counts: tuple[int, ...], seconds: list[float]) -> float:
    """Of seconds over images on logarithmic axes: 1 is linear, 2 quadratic.

    Between the last two counts: what every start costs hides the growth below them.
    """
    return round(float(np.polyfit(np.log(counts[-2:]), np.log(seconds[-2:]), 1)[0]), 2)


def grown(count: int) -> dict[str, float]:
    """Seconds of each step from a folder of ``count`` images to an epoch's batches."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files(folder / "faces", count)
        with Study(folder / "study", create=True) as study:
            found: list[Any] = []
            times = {"read": timed(lambda: found.append(inspect(folder / "faces", study)))}
            times["save"] = timed(lambda: save(found[0], study))
            times["import"] = round(times["read"] + times["save"], 4)
            times["dataset"] = timed(study.dataset)
            times |= _of_dataset(study.dataset(), study.cache)
    return times


def _of_dataset(dataset: Dataset, cache: Path) -> dict[str, float]:
    return {
        "fingerprint": timed(lambda: dataset.fingerprint),
        "pairs": timed(dataset.pairs),
        "folds": timed(lambda: split(dataset, FOLDS, 0)),
        "sides": timed(lambda: _sides(dataset)),
        "pack": timed(lambda: pack(dataset, PACKED, cache, silent)),
        "epoch": _epoch(dataset, cache),
    }


def _sides(dataset: Dataset) -> None:
    for fold in split(dataset, FOLDS, 0).folds:
        training_rows(dataset, fold, "pairs")
        held_out_rows(dataset, fold)


def _epoch(dataset: Dataset, cache: Path) -> float:
    """Every batch of a fold's epoch as the network would get it."""
    from engine.experiment.experiment import Training
    from engine.training.batches import BatchSource, FoldData, seed_generator

    fold = split(dataset, FOLDS, 0).folds[0]
    rows, tested = training_rows(dataset, fold, "mix"), held_out_rows(dataset, fold)
    pixels = open_packed(pack(dataset, PACKED, cache, silent))
    material = FoldData(0, 0, pixels, dataset.expressions, dataset.conditions, rows, tested)
    feed = BatchSource(material, Training(size=PACKED), "cpu")
    feed.batch(0, seed_generator(0))
    return timed(
        lambda: [feed.batch(step, seed_generator(step)) for step in range(feed.steps_an_epoch)]
    )


def timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return round(perf_counter() - began, 4)


def files(folder: Path, count: int) -> None:
    """``SUBJECT/CONDITION/EXPRESSION/face.jpg``: one picture, followed by bytes of its own."""
    content = jpeg()
    for number in range(count):
        subject, expression, condition = labels(number)
        place = folder / subject / condition.title / expression.title
        place.mkdir(parents=True)
        (place / "face.jpg").write_bytes(content + number.to_bytes(4, "big"))


def labels(number: int) -> tuple[str, Expression, Condition]:
    """Fourteen images a subject."""
    subject, place = divmod(number, len(Expression) * len(Condition))
    condition, expression = divmod(place, len(Expression))
    return f"s{subject:06}", Expression(expression), Condition(condition)


def jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


def opening(count: int) -> dict[str, object]:
    """A study of ``count`` rows, without their files, in a window of its own."""
    with tempfile.TemporaryDirectory() as place:
        with Study(Path(place) / "study", create=True) as study:
            fill(study, count)
        own = {"XDG_CONFIG_HOME": place}
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}
        command = [sys.executable, "-m", "benchmarks.scale", "open", str(Path(place) / "study")]
        done = subprocess.run(command, capture_output=True, env=environment, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def fill(study: Study, count: int) -> None:
    content = jpeg()
    for start in range(0, count, AGAIN):
        faces = [_row(number, content) for number in range(start, min(start + AGAIN, count))]
        study.add(source_of(f"made {start}", "folders", Path("/faces")), faces, [], copy=False)


def _row(number: int, content: bytes) -> Inspected:
    subject, expression, condition = labels(number)
    file = Path(f"/faces/{subject}/{condition.title}/{expression.title}/face.jpg")
    pair = f"made:{subject}/{expression.title}"
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return Inspected(file, subject, expression, condition, pair, digest, (SIDE, SIDE), content)


def _open(folder: Path) -> dict[str, object]:
    from PySide6.QtWidgets import QApplication

    from msde_gui.session.session import Session
    from msde_gui.style import theme
    from msde_gui.window.main_window import MainWindow

    app = QApplication([])
    theme.apply(app, theme.DARK)
    session = Session()
    window = MainWindow(session)
    window.resize(1480, 1006)
    before, computed = perf_counter(), process_time()
    session.open(folder)
    open_s, of_processor = perf_counter() - before, process_time() - computed

    def paint() -> None:
        window.show()
        window.grab()

    painted = timed(paint)
    session.focus(int(session.dataset.ids[0]))
    window.pages[-1].refresh()
    measured = {"images": len(session.dataset), "open_s": round(open_s, 3)}
    session.close()
    return {
        **measured,
        "open_of_processor_s": round(of_processor, 3),
        "first_gallery_paint_s": painted,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> int:
    """The most memory that this process has held, without what it shares with who started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return round(int(kilobytes) / 1024)


def main() -> None:
    """Without arguments all of it; with a number, up to that many images."""
    task, *rest = sys.argv[1:] or [str(LARGEST)]
    if task == "open":
        answer = _open(Path(rest[0]))
    else:
        most = int(task)
        answer = measure(tuple(count for count in COUNTS if count <= most), most)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
