"""Measure the gallery at 20,000 faces: first paint, and frames while it scrolls."""

import hashlib
import io
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from engine.domain import Condition, Expression
from engine.store.study import Inspected, Study, source_of
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.widgets.gallery import Gallery

FACES = 20_000
DIFFERENT = 500  # pictures that are drawn; the others repeat their bytes under another hash
SIZE = (1100, 800)  # px of the gallery
FRAMES = 200
STEP = 120  # px of one turn of the wheel


def pictures() -> list[bytes]:
    """JPEGs with as much detail as a photograph of that size."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(DIFFERENT):
        noise = random.integers(0, 255, (12, 12, 3), dtype=np.uint8)
        face = Image.fromarray(noise).resize((192, 192), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        face.save(buffer, "JPEG", quality=85)
        made.append(buffer.getvalue())
    return made


def fill(study: Study) -> None:
    jpegs = pictures()
    faces = [
        Inspected(
            Path(f"{number:05}.jpg"),
            f"subject {number // 14}",
            Expression(number // 2 % 7),
            Condition(number % 2),
            f"{number // 2}",
            hashlib.sha256(str(number).encode()).hexdigest(),
            (192, 192),
            jpegs[number % DIFFERENT],
        )
        for number in range(FACES)
    ]
    study.add(source_of("made", "folders", study.folder), faces, [], copy=False)


def first_paint(folder: Path) -> tuple[Gallery, Session, float]:
    """From opening the study to a gallery whose first screen is whole, in seconds."""
    begun = perf_counter()
    session = Session()
    session.open(folder)
    faces = SampleImages(session)
    gallery = Gallery(faces.jpeg, faces.caption)
    gallery.resize(*SIZE)
    gallery.show_ids(session.dataset.ids)
    gallery.show()
    settle()
    return gallery, session, perf_counter() - begun


def settle() -> None:
    """Let every frame that is due be painted."""
    for _ in range(50):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def scroll(gallery: Gallery, step: int) -> list[float]:
    """Milliseconds of each frame."""
    bar, times = gallery.verticalScrollBar(), []
    bar.setValue(0)
    settle()
    for frame in range(1, FRAMES + 1):
        begun = perf_counter()
        bar.setValue(frame * step % max(1, bar.maximum()))
        gallery.viewport().repaint()
        times.append(1000 * (perf_counter() - begun))
    return times


def figures(times: list[float]) -> dict[str, float]:
    return {
        "median_ms": round(statistics.median(times), 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
        "max_ms": round(max(times), 2),
    }


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.DARK)
    with tempfile.TemporaryDirectory() as folder:
        with Study(Path(folder), create=True) as study:
            fill(study)
        gallery, session, seconds = first_paint(Path(folder))
        measured: dict[str, object] = {"faces": FACES, "first_paint_s": round(seconds, 3)}
        for size in (64, 96, 192):
            gallery.set_size(size)
            measured[f"wheel_at_{size}_px"] = figures(scroll(gallery, STEP))
            measured[f"drag_at_{size}_px"] = figures(scroll(gallery, 17 * SIZE[1]))
        session.close()
        gallery.close()
    sys.stdout.write(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
