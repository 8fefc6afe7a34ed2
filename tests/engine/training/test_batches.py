from dataclasses import replace

import numpy as np
import torch

from engine.experiment.experiment import Training
from engine.networks.base import IMAGENET_MEAN, IMAGENET_SD
from engine.training.batches import BatchSource, seed_generator
from tests.engine.making import material

PLAIN = Training(batch=4, size=32, flip=False, geometry=0, colour=0)


def truths(source, steps):
    return [source.batch(step, seed_generator(step)).expressions.tolist() for step in steps]


def test_that_an_epoch_shows_every_training_face_once():
    shown = truths(BatchSource(material(), PLAIN, "cpu"), range(3))
    assert [len(batch) for batch in shown] == [4, 4, 2]
    expected = sorted(material().expressions[:10].tolist())
    assert sorted(truth for batch in shown for truth in batch) == expected


def test_that_the_order_is_the_epoch_s_whatever_was_asked_before():
    there, back = BatchSource(material(), PLAIN, "cpu"), BatchSource(material(), PLAIN, "cpu")
    steps = list(range(6))
    assert truths(there, steps) == truths(back, reversed(steps))[::-1]
    assert truths(there, range(3)) != truths(there, range(3, 6))
    other = BatchSource(replace(material(), fold=2), PLAIN, "cpu")
    assert truths(other, range(3)) != truths(there, range(3))


def test_that_rows_of_any_shape_give_their_pixels():
    rows = np.array([[3, 1], [2, 2]])
    given = BatchSource(material(), PLAIN, "cpu").pixels(rows)
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
    source = BatchSource(many, replace(PLAIN, batch=50), "cpu")
    shown = [truths(source, (2 * epoch, 2 * epoch + 1)) for epoch in range(epochs)]
    return [tuple(first + second) for first, second in shown]


def test_that_seed_fold_and_epoch_each_decide_the_order():
    assert orders(seed=3) == orders(seed=3)
    found = [order for seed in (3, 4) for fold in (0, 1) for order in orders(seed, fold)]
    assert all(sorted(order) == list(range(100)) for order in found)
    assert len(set(found)) == 16
    assert tuple(range(100)) not in found


def test_that_each_face_keeps_its_truth_and_each_pair_its_order():
    levels = np.arange(20, dtype=np.uint8) * 10  # a face's level tells its row
    faces = np.broadcast_to(levels[:, None, None, None], (20, 32, 32, 3))
    pairs = np.stack([np.arange(10), np.arange(10) + 10], axis=1)
    truth = np.arange(20) % 10 % 7
    data = replace(material(), pixels=faces, train=pairs, expressions=truth)
    source, seen = BatchSource(data, PLAIN, "cpu"), []
    for step in range(3):
        batch = source.batch(step, seed_generator(step))
        red = batch.images[:, :, 0].mean((2, 3)) * IMAGENET_SD[0] + IMAGENET_MEAN[0]
        first, second = (red * 25.5).round().int().tolist()
        assert second == [row + 10 for row in first]
        assert batch.expressions.tolist() == [row % 7 for row in first]
        seen += first
    assert sorted(seen) == list(range(10))
