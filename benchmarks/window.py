"""How soon the window paints, what it imports, and how late its timer is while folds train.

Limits: first paint < 2 s; with two folds in training a 10 ms timer is late by p99 < 50 ms and by
250 ms at most.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import drawings

STARTS = 5
WATCHED = 40.0  # seconds of training under the timer
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
            "first_paint_s": round(statistics.median(seconds), 2),
            "first_paint_worst_s": round(max(seconds), 2),
            "heavy_imports": starts[0]["heavy"],
            **_child("train", study),
        }


def _child(task: str, study: Path) -> dict[str, object]:
    own = {"XDG_CONFIG_HOME": str(study.parent)}  # leave the user's preferences alone
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}
    command = [sys.executable, "-m", "benchmarks.window", task, str(study)]
    command.append(str(time.time()))
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _msde(*words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "engine", *words, "--json", "--progress", "none"]
    answer: dict[str, object] = json.loads(subprocess.check_output(command))
    return answer


def _opened(study: Path):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QApplication

    from msde_gui import theme
    from msde_gui.session import Session
    from msde_gui.window import MainWindow

    app = QApplication.instance() or QApplication([])
    theme.apply(app, theme.DARK)
    session = Session()
    window = MainWindow(session)
    session.open(study)
    window.resize(1480, 1006)
    window.show()
    return app, session, window


def _paint(study: Path, began: float) -> dict[str, object]:
    """From the start of the process to the first whole picture."""
    app, session, window = _opened(study)
    app.processEvents()
    window.grab()
    seconds = time.time() - began
    heavy = [name for name in HEAVY if name in sys.modules]
    session.close()
    return {"first_paint_s": seconds, "heavy": heavy}


def _train(study: Path) -> dict[str, object]:
    """Lateness of a 10 ms timer while two folds use both cores and their curves are drawn."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    made = _msde("run", "--study", str(study), "--method", "baseline", "--train", "mix",
                 "--preset", "quick", "--folds", "2", "--set", "epochs=60", "--queue")  # fmt: skip
    app, session, window = _opened(study)
    titles = [page.title for page in window.pages]
    window.show_page(titles.index("Experiments"))
    session.runs.enqueue(made["run"])
    late: list[float] = []
    last = [0.0]

    def tick() -> None:
        now = time.perf_counter()
        if last[0]:
            late.append(max(0.0, now - last[0] - 0.01) * 1000)
        last[0] = now

    def begun() -> bool:
        progress = session.runs.view(made["run"]).progress
        return sum(fold.progress > 0 for fold in progress.folds) == 2

    while not begun():
        app.processEvents()
        time.sleep(0.05)
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(10)
    loop = QEventLoop()  # quitting the application would ask what to do with the run
    QTimer.singleShot(round(WATCHED * 1000), loop.quit)
    loop.exec()
    session.runs.stop(made["run"])
    while session.runs.working:
        app.processEvents()
        time.sleep(0.05)
    session.close()
    ordered = sorted(late)
    return {
        "timer_ticks": len(ordered),
        "timer_late_median_ms": round(statistics.median(ordered), 1),
        "timer_late_p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
        "timer_late_max_ms": round(ordered[-1], 1),
    }


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
