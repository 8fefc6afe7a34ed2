"""How fast a scatter plot is filled, pans and moves at 2,000 to 100,000 points, and a lasso on it.

Aims: a frame at up to 100,000 points <= 16 ms; nothing that keeps the window >= 100 ms.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from msde_gui.plots.lasso import inside
from msde_gui.plots.marks import MarkStyles, Strength
from msde_gui.plots.scatter import Scatter
from msde_gui.style import theme

COUNTS = (2_014, 20_000, 100_000)
SIZE = (420, 420)  # px of the plot
FRAMES = 40
CORNERS = 200  # of the lasso


Points = tuple[np.ndarray, np.ndarray, MarkStyles]


def drawn(count: int) -> Points:
    """Ids, normal noise and its look: seven colours, two shapes, a third solid."""
    random = np.random.default_rng(0)
    solid = np.where(random.random(count) < 1 / 3, Strength.SOLID, Strength.FAINT)
    look = MarkStyles(
        random.integers(0, 7, count),
        theme.EXPRESSION_COLOURS,
        random.random(count) < 0.5,
        solid.astype(np.int8),
    )
    return np.arange(count), random.normal(size=(count, 2)).astype(np.float32), look


def filled(given: Points) -> tuple[Scatter, dict[str, float]]:
    """A new plot, and how long each turn of the window took to bring it."""
    made = Scatter()
    made.resize(*SIZE)
    made.show()
    QApplication.processEvents()
    return made, {
        "make_ms": timed(lambda: Scatter().deleteLater(), 3),
        "first_fill_ms": timed(lambda: made.show_points(*given), 1),
        "first_paint_ms": timed(QApplication.processEvents, 1),
    }


def measure(count: int) -> dict[str, float]:
    """Medians in ms."""
    ids, points, look = drawn(count)
    scatter, first = filled((ids, points, look))

    def pan() -> None:
        scatter.box.translateBy(x=0.01)
        scatter.plot.grab()

    def move() -> None:
        scatter.show_frame(points * np.float32(1.001))
        scatter.plot.grab()

    found = {
        **first,
        "fill_ms": timed(lambda: scatter.show_points(ids, points, look), 3),
        "pan_frame_ms": timed(pan, FRAMES),
        "live_frame_ms": timed(move, FRAMES),
        "lasso_ms": timed(lambda: inside(points, outline()), 9),
    }
    scatter.deleteLater()
    return found


def timed(act: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        begun = perf_counter()
        act()
        spent.append(1000 * (perf_counter() - begun))
    return round(statistics.median(spent), 2)


def outline() -> np.ndarray:
    """A circle that wobbles, around most of the points."""
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = 2 + 0.2 * np.sin(9 * turn)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme.apply(app, theme.DARK)
    answer = {f"{count:,} points": measure(count) for count in COUNTS}
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
