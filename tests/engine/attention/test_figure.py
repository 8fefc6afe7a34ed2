import time

import numpy as np
import pytest
from PIL import Image

from engine.attention.average_faces import Averaged
from engine.attention.figure import AttentionStyle, figure
from engine.attention.measurement import MeasuredRun
from engine.attention.region_shares import chance, values
from engine.domain import Condition, Expression, Region
from engine.embeddings.colours import RUNS
from engine.store.figure_files import save_figure

NAMES = ("001-baseline-mix", "002-$x_{$y$")
SIZE = 8


def measured(seed, n=40, conditions=tuple(Condition)):
    random = np.random.default_rng(seed)
    shares = random.random((n, len(Region)))
    shares[0] = np.nan  # a map without energy
    areas = np.full((n, len(Region)), 1 / len(Region))
    areas[:, Region.MOUTH] = 0
    image = np.full((SIZE, SIZE, 3), 128, dtype=np.float32)
    means = {
        (expression, condition): Averaged(image, random.random((SIZE, SIZE)).astype(np.float32), 3)
        for expression in Expression
        for condition in conditions
    }
    nothing = np.zeros(n, dtype=np.int64)
    shares /= np.nansum(shares, axis=1, keepdims=True)
    about = (np.arange(n), shares, areas, nothing > 0, nothing, (2, 2), "trunk")
    return MeasuredRun(*about, means, (), ())


def drawn(style, **more):
    return figure({name: measured(seed, **more) for seed, name in enumerate(NAMES)}, style, "note")


def test_that_the_figure_is_on_white_with_colours_of_the_runs(tmp_path):
    save_figure(lambda: drawn(AttentionStyle()), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        shown = image.convert("RGB")
        colours = {colour for _, colour in shown.getcolors(1 << 24)}
        assert shown.getpixel((2, 2)) == (255, 255, 255)
    wanted = {tuple(bytes.fromhex(colour[1:])) for colour in RUNS[:2]}
    assert wanted <= colours
    save_figure(lambda: drawn(AttentionStyle()), tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for part in ("forehead", "002-$x_{$y$", "without preference", "times the run"):
        assert part in text


@pytest.mark.parametrize(
    ("style", "conditions", "heading"),
    [
        (AttentionStyle(), tuple(Condition), "masked"),
        (AttentionStyle(faces=Condition.NON_MASKED), tuple(Condition), "non-masked"),
        (AttentionStyle(), (Condition.NON_MASKED,), "non-masked"),
    ],
)
def test_that_faces_are_of_the_wanted_condition_if_there_are_any(style, conditions, heading):
    _, below = drawn(style, conditions=conditions).subfigs
    assert below.get_suptitle() == f"Mean heatmaps on average {heading} faces"
    assert len(below.axes) == len(NAMES) * len(Expression) + 1  # and the colour bar


def test_that_without_average_faces_there_are_boxes_alone():
    above, below = drawn(AttentionStyle(dense=True), conditions=()).subfigs
    assert above.axes[0].get_ylabel() == "energy ÷ area"
    assert not below.axes


def test_that_boxes_are_of_percentiles_without_faces_that_lack_the_region():
    above, _ = drawn(AttentionStyle()).subfigs
    (axes,) = above.axes
    one = measured(0)
    shown = values(one.shares, one.areas, dense=False)[1:, Region.MASK]
    medians = [line.get_ydata()[0] for line in axes.lines]
    assert np.isclose(medians, np.median(shown)).any()
    labels = [label.get_text() for label in axes.get_legend().get_texts()]
    assert labels == list(NAMES)
    assert np.isnan(chance(one.areas, dense=False)[Region.MOUTH])
    boxes = [patch for patch in axes.patches if patch.get_facecolor()[3] == 1]
    assert len(boxes) == len(NAMES) * (len(Region) - 1)


def test_that_two_thousand_faces_of_six_runs_are_drawn_in_seconds_as_a_small_file(tmp_path):
    found = {f"{seed:03}-a": measured(seed, 2000) for seed in range(6)}
    began = time.thread_time()
    save_figure(lambda: figure(found, AttentionStyle(), "note"), tmp_path / "a.svg")
    assert time.thread_time() - began < 15
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    dots = 2000 * 6 * (len(Region) - 1) * 0.1
    assert text.count("<circle") + text.count("<path") < dots / 4
