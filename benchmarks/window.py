"""How soon the window paints, what it imports, and how late its timer is while folds train.

Aims: first paint <= 1.0 s; with two folds in training a 10 ms timer is late by p99 <= 16 ms and by
100 ms at most. ``thread_busy`` is what the window's own thread computes between two ticks: the
part of the lateness that is not the machine's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import drawings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from msde_gui.session.session import Session
    from msde_gui.window.main_window import MainWindow

STARTS = 5
WATCHED = 40.0  # seconds of training under the timer
SECONDS = ("first_paint_s", "of_processor_s", "all_pages_s")
HEAVY = ("torch", "torchvision", "sklearn", "umap", "numba", "cv2")


def measure() -> dict[str, object]:
    """Everything, on a study of drawn faces."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = folder / "study"
        drawings.study(folder / "faces", subjects=48, size=112)
        _msde("import", str(folder / "faces"), "--study", str(study))
        starts = [_child("paint", study) for _ in range(STARTS)]
        seconds = [start["first_paint_s"] for start in starts]
        return {
            **{name: _median(name, starts) for name in SECONDS},
            "first_paint_worst_s": round(max(seconds), 2),
            "heavy_imports": starts[0]["heavy"],
            **_child("train", study),
        }


def _median(name: str, starts: list[dict[str, Any]]) -> float:
    return round(float(statistics.median(start[name] for start in starts)), 2)


def _child(task: str, study: Path) -> dict[str, Any]:
    own = {"XDG_CONFIG_HOME": str(study.parent)}  # leave the user's preferences alone
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}
    command = [sys.executable, "-m", "benchmarks.window", task, str(study)]
    command.append(str(time.time()))
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _msde(*words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "engine", *words, "--json", "--progress", "none"]
    answer: dict[str, object] = json.loads(subprocess.check_output(command))
    return answer


def _opened(study: Path) -> "tuple[QApplication, Session, MainWindow]":
    from PySide6.QtWidgets import QApplication

    from msde_gui.session.session import Session
    from msde_gui.style import theme
    from msde_gui.window.main_window import MainWindow

    app = QApplication([])
    theme.apply(app, theme.DARK)
    session = Session()
    window = MainWindow(session)
    session.open(study)
    window.resize(1480, 1006)
    window.show()
    return app, session, window


def _paint(study: Path, began: float) -> dict[str, object]:
    """From the start of the process to the first whole picture."""
    _, session, window = _opened(study)
    window.grab()
    seconds, computed = time.time() - began, time.process_time()
    assert len(window.pages)  # all of them
    whole = time.time() - began
    heavy = [name for name in HEAVY if name in sys.modules]
    session.close()
    measured = {"first_paint_s": seconds, "of_processor_s": computed, "all_pages_s": whole}
    return {**measured, "heavy": heavy}


def _train(study: Path) -> dict[str, object]:
    """Lateness of a 10 ms timer while two folds use both cores and their curves are drawn."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    made = _msde("run", "--study", str(study), "--method", "baseline", "--train", "mix",
                 "--preset", "quick", "--folds", "2", "--set", "epochs=60", "--queue")  # fmt: skip
    app, session, _window = _opened(study)
    run, runs = str(made["run"]), session.runs
    assert runs
    session.asked_for_page.emit("experiments")
    runs.enqueue(run)
    late: list[float] = []
    busy: list[float] = []
    last = [0.0, 0.0]

    def tick() -> None:
        now, own = time.perf_counter(), time.thread_time()
        if last[0]:
            late.append(max(0.0, now - last[0] - 0.01) * 1000)
            busy.append((own - last[1]) * 1000)
        last[:] = now, own

    def begun() -> bool:
        view = runs.view(run)
        assert view
        progress = view.progress
        if progress.failed or any(fold.failed for fold in progress.folds):
            raise SystemExit(f"{run} failed: there is no training to measure beside.")
        return len([fold for fold in progress.folds if fold.progress > 0]) == 2

    while not begun():
        app.processEvents()
        time.sleep(0.05)
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(10)
    loop = QEventLoop()  # quitting the application would ask what to do with the run
    QTimer.singleShot(round(WATCHED * 1000), loop.quit)
    loop.exec()
    runs.stop(run)
    while runs.working:
        app.processEvents()
        time.sleep(0.05)
    session.close()
    return {
        "timer_ticks": len(late),
        "timer_late_ms": figures(late),
        "thread_busy_ms": figures(busy),
    }


def figures(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum."""
    ordered = sorted(values)
    p99 = ordered[int(len(ordered) * 0.99)]
    found = {"median": statistics.median(ordered), "p99": p99, "max": ordered[-1]}
    return {name: round(value, 1) for name, value in found.items()}


def main() -> None:
    """Without arguments the whole measurement; with a task's name that part alone."""
    task, *rest = sys.argv[1:] or ["all"]
    if task == "paint":
        answer = _paint(Path(rest[0]), float(rest[1]))
    elif task == "train":
        answer = _train(Path(rest[0]))
    else:
        answer = measure()
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
