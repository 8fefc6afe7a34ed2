"""How soon the faces behind a cell and a lasso are there, and how late the window is with t-SNE.

``python -m benchmarks.seeing STUDY`` needs a study with finished runs; it works on a copy without
kept pictures. Limits: cell or lasso to painted gallery < 100 ms; t-SNE of the study's features
< 15 s with live frames; a 10 ms timer is never late by more than 100 ms meanwhile.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.explain import LONGEST, Late, wait
from engine.domain import Condition
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.window.main_window import MainWindow

LASSO = 500  # points
BREATH = 150  # ms between two acts


def measure(study: Path) -> dict[str, Any]:
    session = Session()
    window = MainWindow(session)
    session.open(study)
    window.resize(1400, 900)
    window.show()
    pages = {page.title: page for page in window.pages}
    wait(500)
    window.show_page(window.pages.index(pages["Results"]))
    wait(BREATH)
    answer: dict[str, Any] = {"cell_to_gallery_ms": _cells(session, pages["Results"])}
    window.show_page(window.pages.index(pages["Errors & embeddings"]))
    page: Any = pages["Errors & embeddings"]
    page.show_tab(1)
    view = page.embeddings
    wait(BREATH)
    answer["t_sne"] = _computed(view)
    answer["lasso_to_gallery_ms"] = _lassos(session, view)
    session.close()
    window.close()
    return answer


def _cells(session: Session, page: Any) -> dict[str, float]:
    """Every cell of both matrices that has faces."""
    times = []
    for condition in Condition:
        matrix = page.matrices[condition]
        for row, column in np.argwhere(matrix._counts > 0).tolist():
            session.select(Selection())
            wait(BREATH)
            place = matrix.lattice().rect(row, column).center().toPoint()
            times.append(_clicked(matrix, place))
    return figures(times)


def _clicked(widget: QWidget, place: QPoint) -> float:
    began = time.perf_counter()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - began)


def _computed(view: Any) -> dict[str, Any]:
    """t-SNE of every run that is shown, from the click to the last picture."""
    loop, frames = QEventLoop(), [0]
    came: list[float] = []
    view.model.moved.connect(lambda _run: frames.__setitem__(0, frames[0] + 1))
    began = time.perf_counter()

    def look() -> None:
        whole = sum(made.whole for made in view.model.maps.values())
        came.extend([time.perf_counter() - began] * (whole - len(came)))
        if view.model.whole and not view.model.computing:
            loop.quit()

    view.model.mapped.connect(lambda _run: look())
    view.model.turned.connect(look)
    QTimer.singleShot(LONGEST * 3, loop.quit)
    late = Late()
    view.model.compute()
    loop.exec()
    steps = np.diff([0.0, *came])
    return {
        "pictures": len(came),
        "first_s": round(came[0], 2),  # with the start of the process and the networks' features
        "each_s": round(statistics.median(steps), 2),
        "frames": frames[0],
        **late.figures(),
    }


def _lassos(session: Session, view: Any) -> dict[str, float]:
    """Around about so many points, in every plot."""
    times, caught = [], []
    for cell in view.cells.values():
        scatter = cell.scatter
        target = scatter.plot.viewport()
        for number in cell.map.samples[:: len(cell.map.samples) // 5].tolist():
            session.select(Selection())
            wait(BREATH)
            corners = _around(scatter, int(number))
            QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=corners[0])
            for corner in corners[1:]:
                QTest.mouseMove(target, corner)
            began = time.perf_counter()
            QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=corners[-1])
            QApplication.processEvents()
            times.append(1000 * (time.perf_counter() - began))
            caught.append(len(session.selection.ids))
    return {"faces_median": statistics.median(caught), **figures(times)}


def _around(scatter: Any, number: int) -> list[QPoint]:
    """A box that holds the nearest points of one of them."""
    middle = scatter.points[list(scatter.ids).index(number)]
    order = np.argsort(np.abs(scatter.points - middle).max(axis=1))[:LASSO]
    ids = [int(one) for one in scatter.ids[order]]
    places = [scatter.plot.viewport().mapFrom(scatter, scatter.place(one)) for one in ids]
    xs, ys = [place.x() for place in places], [place.y() for place in places]
    left, top, right, bottom = min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1
    return [QPoint(left, top), QPoint(right, top), QPoint(right, bottom), QPoint(left, bottom)]


def figures(times: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(times), 1), "worst": round(max(times), 1)}


def main() -> None:
    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CONFIG_HOME"] = own  # leave the user's preferences alone
        study = Path(own) / "study"
        shutil.copytree(sys.argv[1], study)
        for kept in study.glob("runs/*/fold-*/embeddings"):
            shutil.rmtree(kept)
        app = QApplication(sys.argv[:1])
        theme.apply(app, theme.DARK)
        sys.stdout.write(json.dumps(measure(study), indent=1) + "\n")


if __name__ == "__main__":
    main()
