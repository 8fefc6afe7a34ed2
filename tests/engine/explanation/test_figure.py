import time

import numpy as np
import pytest
from PIL import Image

from engine.domain import Expression
from engine.explanation.explained import RunHeatmaps
from engine.explanation.figure import MOST, ExplainedRun, ShownFace, figure
from engine.explanation.heatmap import Heatmaps
from engine.explanation.overlay import SIDE, OverlayStyle
from engine.store.figure_files import save_figure
from tests.engine import making


def heatmaps(ids, seed=0):
    random, n = np.random.default_rng(seed), len(ids)
    shares = random.random((n, len(Expression))).astype(np.float32)
    targets = np.full(n, Expression.SAD)
    values = random.random((n, 4, 4)).astype(np.float32)
    return Heatmaps(np.array(ids), np.zeros(n, dtype=int), targets, shares, values, "trunk")


def faces(count, size=(SIDE, SIDE)):
    return [
        ShownFace(
            making.sample(number, f"s{number}"),
            Image.new("RGB", size, (10 * number, 90, 90)),
        )
        for number in range(1, count + 1)
    ]


def texts(drawn):
    return [text.get_text() for text in drawn.axes[0].texts]


def test_that_a_full_sheet_is_drawn_within_seconds(tmp_path):
    shown = faces(MOST)
    ids = [face.sample.id for face in shown]
    runs = [ExplainedRun(f"{n:03}-a", heatmaps(ids, n), [1.0] * MOST) for n in range(3)]
    began = time.thread_time()
    save_figure(lambda: figure(shown, runs, OverlayStyle()), tmp_path / "a.png")
    assert time.thread_time() - began < 25
    with Image.open(tmp_path / "a.png") as image:
        assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
        assert image.height > 4 * image.width


def test_that_every_cell_says_what_the_run_says_or_why_not():
    made = heatmaps([1])
    runs = [
        ExplainedRun("001-$x_{$y$", made, [1.0], "untested"),
        ExplainedRun("2", None, [], "gone"),
    ]
    told = texts(figure(faces(2, (20, 40)), runs, OverlayStyle()))
    predicted = Expression(made.predicted[0])
    mark = "✓" if predicted == Expression.SURPRISE else "✗"
    assert f"{mark} {predicted.title} {made.probabilities[0].max():.2f}" in told
    assert {"001-$x_{$y$", "trunk", "untested", "s1", "s2"} <= {*told}
    assert told.count("gone") == 2
    assert [told[-3], told[-1]] == ["0", "1"]


def test_that_a_scale_of_its_own_is_told_in_shares():
    runs = [ExplainedRun("1", heatmaps([1]), [1.0])]
    told = texts(figure(faces(1), runs, OverlayStyle(scale="image")))
    assert told[-3:] == ["0 %", "50 %", "100 %"]


@pytest.mark.parametrize("scale", ["all", "run", "image"])
def test_that_maps_share_the_peak_that_the_scale_says(tmp_path, scale):
    made = heatmaps([1, 2, 3])
    peaks = RunHeatmaps(None, made=made).peaks(OverlayStyle(scale=scale), 9.0)
    own = made.values.max(axis=(1, 2))
    wanted = {"all": [9.0] * 3, "run": [own.max()] * 3, "image": own}[scale]
    assert peaks == pytest.approx(wanted)
    assert RunHeatmaps(None, why="gone").peaks(OverlayStyle(scale=scale), 9.0) == []
