import time
from dataclasses import replace

import numpy as np
import pytest

from engine.domain import Condition, Expression, Failure
from engine.embeddings.choice import PointChoice, choose
from engine.embeddings.colouring import ABSENT, KEYS, colouring, entries, facts
from engine.embeddings.embedding import Embedding
from engine.embeddings.figure import EmbeddingStyle, KnownEmbedding, figure
from engine.embeddings.quality import Measures, Structure
from engine.store.figure_files import save_figure
from tests.engine import making

NOTHING = Structure(None, None, None)


def picture(dataset, seed=0):
    points = np.random.default_rng(seed).normal(size=(len(dataset), 2)).astype(np.float32)
    held_out = np.arange(len(dataset)) % 3 == 0
    about = ("001-a", 0, "pca", 0, {}, "none 1")
    measures = Measures(NOTHING, NOTHING, 0, 0)
    return Embedding(*about, dataset.ids, held_out, points, measures)


def known(dataset, made):
    said = making.predictions(dataset.ids[:20].tolist(), 0)
    about = facts(dataset, made.samples, said, {"s000": 0, "s001": 1})
    return KnownEmbedding(made, about, 2, dataset.pairs())


@pytest.fixture
def dataset():
    return making.dataset(6)


def test_that_two_thousand_points_are_drawn_within_seconds(tmp_path):
    large = making.dataset(144)
    shown = [known(large, picture(large, seed)) for seed in range(3)]
    style = EmbeddingStyle("subject", pairs=True, ringed=tuple(range(1, 2000)))
    began = time.thread_time()
    save_figure(lambda: figure(shown, style), tmp_path / "large.svg")
    assert time.thread_time() - began < 15
    assert (tmp_path / "large.svg").stat().st_size < 6_000_000


@pytest.mark.parametrize("key", KEYS)
def test_that_every_colouring_has_its_legend(dataset, key):
    one = known(dataset, picture(dataset))
    drawn = figure([one], EmbeddingStyle(key, ringed=(1,)))
    (legend,) = drawn.legends
    names = [name for _, name, _ in entries([colouring(key, one.facts, one.folds)])]
    shapes = [condition.title for condition in Condition]
    told = [text.get_text() for text in legend.get_texts()]
    assert told == [*names, *shapes, "trained on", "selected"]
    assert names
    assert legend.get_title().get_text() == f"Colour: {KEYS[key].lower()}"
    assert (ABSENT in names) == (key in ("prediction", "correct"))


def offsets(axes, opacity):
    """Of the points of one opacity."""
    return sum(len(c.get_offsets()) for c in axes.collections if c.get_alpha() == opacity)


def test_that_held_out_points_are_solid_unless_another_colour_is_highlighted(dataset):
    one = known(dataset, picture(dataset))
    held_out = one.picture.held_out
    (axes,) = figure([one], EmbeddingStyle()).axes
    assert (offsets(axes, 1.0), offsets(axes, 0.15)) == (held_out.sum(), (~held_out).sum())
    (axes,) = figure([one], EmbeddingStyle(highlighted=("sad",))).axes
    sad = dataset.expressions == Expression.SAD
    assert offsets(axes, 1.0) == (held_out & sad).sum() > 0
    assert offsets(axes, 0.07) == (~sad).sum()


def test_that_lines_join_pairs_and_rings_mark_samples_only_where_asked(dataset):
    one = known(dataset, replace(picture(dataset), held_out=np.ones(len(dataset), dtype=bool)))
    counts = []
    for style in (EmbeddingStyle(), EmbeddingStyle(pairs=True, ringed=(3, 5, 9999))):
        (axes,) = figure([one], style).axes
        lines, rings = axes.collections[0], axes.collections[-1]
        counts.append((len(lines.get_segments()), len(rings.get_offsets())))
    assert counts == [(0, 0), (len(dataset) // 2, 2)]


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        (PointChoice(), 84),
        (PointChoice(expression="sad"), 12),
        (PointChoice(condition="m"), 42),
        (PointChoice(subject="S00", expression="Sad", condition="masked"), 6),
        (PointChoice(tested=2), 42),
        (PointChoice(held_out=True), 28),
    ],
)
def test_that_a_choice_keeps_what_it_names(dataset, tmp_path, choice, kept):
    run = making.create(
        tmp_path, making.experiment(),
        making.protocol([[f"s{n:03}" for n in range(k, 6, 2)] for k in (0, 1)], 0),
    )  # fmt: skip
    made = choose(run, picture(dataset), dataset, choice)
    assert len(made) == len(made.points) == len(made.held_out) == kept
    assert made.points.tolist() == picture(dataset).points[made.samples - 1].tolist()


def test_that_wrong_words_and_empty_figures_are_sentences(dataset):
    one = known(dataset, picture(dataset))
    with pytest.raises(Failure, match="no “joy” to highlight: choose of surprise, fear"):
        figure([one], EmbeddingStyle(highlighted=("joy",)))
    with pytest.raises(Failure, match="no expression “joy”"):
        PointChoice(expression="joy")
    nobody = {name: getattr(one.picture, name)[:0] for name in ("samples", "held_out", "points")}
    empty = replace(one.picture, **nobody)
    left = KnownEmbedding(empty, facts(dataset, empty.samples, None, {}), 2, one.pairs[:0])
    with pytest.raises(Failure, match="No image is left to be drawn"):
        figure([left], EmbeddingStyle())
    assert figure([left, one], EmbeddingStyle("prediction", pairs=True)).axes
