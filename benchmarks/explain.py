"""How soon heatmaps are drawn after a click, and how late the window's timer is meanwhile.

``python -m benchmarks.explain STUDY`` needs a study with finished runs, which is only read. Limits:
five runs cold < 5 s, warm < 1 s; a 10 ms timer is never late by more than 100 ms.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from msde_gui.session.selection import Selection
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.window.main_window import MainWindow

CLICKS = 20  # warm ones, each on a face that was not asked for before
LONGEST = 120_000  # ms that one click may take
READY = 6_000  # ms in which a user reads before the first click of a page that was made ready


class Late:
    """How late each tick of a timer comes, in ms."""

    def __init__(self) -> None:
        self.by: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(10)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.by.append(max(0.0, now - self._last - 0.01) * 1000)
        self._last = now

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.by)
        return {
            "timer_late_median_ms": round(statistics.median(ordered), 1),
            "timer_late_p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            "timer_late_max_ms": round(ordered[-1], 1),
        }


def opened(study: Path):  # type: ignore[no-untyped-def]
    """The session, the window, its page Explain and its Inspector."""
    session = Session()
    window = MainWindow(session)
    session.open(study)
    window.resize(1400, 900)
    window.show()
    page = next(page for page in window.pages if page.title == "Explain")
    wait(300)
    return session, window, page


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def click(session, page, number: int) -> float:  # type: ignore[no-untyped-def]
    """Seconds from selecting a face until its heatmaps are painted."""
    loop, began = QEventLoop(), time.perf_counter()

    def look() -> None:
        if page.heatmaps.model.rows == (number,) and not page.heatmaps.model.maps.missing:
            page.heatmaps.grid.viewport().repaint()
            loop.quit()

    page.heatmaps.model.changed.connect(look)
    QTimer.singleShot(LONGEST, loop.quit)
    session.select(Selection((number,), ("benchmark",)))
    session.focus(number)
    loop.exec()
    page.heatmaps.model.changed.disconnect(look)
    return time.perf_counter() - began


def measure(study: Path) -> dict[str, object]:
    cold = []
    late = Late()
    for rest in (0, READY):
        session, window, page = opened(study)
        numbers = [int(n) for n in session.dataset.ids[:: len(session.dataset) // (CLICKS + 1)]]
        late.by.clear()
        window.show_page(window.pages.index(page))
        wait(rest)
        cold.append(click(session, page, numbers[0]))
        during_start = late.figures()
        if rest:
            wait(READY)
            late.by.clear()
            warm = [click(session, page, number) for number in numbers[1 : CLICKS + 1]]
            answer = {"runs": len(page.heatmaps.model.runs), **late.figures()}
        session.close()
        window.close()
    return {
        "cold_s": round(cold[0], 2),
        "first_click_on_a_page_made_ready_s": round(cold[1], 2),
        "warm_median_s": round(statistics.median(warm), 3),
        "warm_worst_s": round(max(warm), 3),
        **answer,
        "start_late_max_ms": during_start["timer_late_max_ms"],
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CONFIG_HOME"] = own  # leave the user's preferences alone
        app = QApplication(sys.argv[:1])
        theme.apply(app, theme.DARK)
        sys.stdout.write(json.dumps(measure(Path(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
