from dataclasses import replace

import numpy as np
import torch

from engine.experiment import Training
from engine.feeding import Feed, seeded
from tests.engine.making import material

PLAIN = Training(batch=4, size=32, flip=False, geometry=0, colour=0)


def truths(feed, steps):
    return [feed.batch(step, seeded(step)).expressions.tolist() for step in steps]


def test_that_an_epoch_shows_every_training_face_once():
    shown = truths(Feed(material(), PLAIN, "cpu"), range(3))
    assert [len(batch) for batch in shown] == [4, 4, 2]
    expected = sorted(material().expressions[:10].tolist())
    assert sorted(truth for batch in shown for truth in batch) == expected


def test_that_the_order_is_the_epoch_s_whatever_was_asked_before():
    there, back = Feed(material(), PLAIN, "cpu"), Feed(material(), PLAIN, "cpu")
    steps = list(range(6))
    assert truths(there, steps) == truths(back, reversed(steps))[::-1]
    assert truths(there, range(3)) != truths(there, range(3, 6))
    other = Feed(replace(material(), fold=2), PLAIN, "cpu")
    assert truths(other, range(3)) != truths(there, range(3))


def test_that_rows_of_any_shape_give_their_pixels():
    rows = np.array([[3, 1], [2, 2]])
    given = Feed(material(), PLAIN, "cpu").pixels(rows)
    assert torch.equal(given, torch.from_numpy(material().pixels[rows]))


def orders(seed, fold=0, epochs=4):
    """The rows that each epoch shows, in its order."""
    many = replace(
        material(),
        seed=seed,
        fold=fold,
        pixels=np.zeros((100, 32, 32, 3), dtype=np.uint8),
        expressions=np.arange(100),  # so that a truth tells the row
        conditions=np.zeros(100, dtype=np.int64),
        train=np.arange(100)[:, None],
    )
    feed = Feed(many, replace(PLAIN, batch=50), "cpu")
    shown = [truths(feed, (2 * epoch, 2 * epoch + 1)) for epoch in range(epochs)]
    return [tuple(first + second) for first, second in shown]


def test_that_seed_fold_and_epoch_each_decide_the_order():
    assert orders(seed=3) == orders(seed=3)
    found = [order for seed in (3, 4) for fold in (0, 1) for order in orders(seed, fold)]
    assert all(sorted(order) == list(range(100)) for order in found)
    assert len(set(found)) == 16
    assert tuple(range(100)) not in found
