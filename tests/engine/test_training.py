from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.augmentation import normalised
from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, EpochEnded, silent
from engine.experiment import Training
from engine.feeding import Feed, seeded, steps_an_epoch
from engine.methods.baseline import Baseline
from engine.training import Means, probabilities, train
from tests.engine.making import material

TINY = Training(epochs=2, batch=4, size=32, trunk_rate=1e-3, drops=(1,))


def feed(of=None, training=TINY):
    return Feed(of or material(), training, "cpu")


def test_that_a_last_batch_of_one_is_dropped():
    assert [steps_an_epoch(n, 4) for n in (8, 9, 10, 2)] == [2, 2, 3, 1]


def test_that_each_epoch_is_told_with_its_losses_and_held_out_accuracy(tmp_path):
    said = []
    train(Baseline(Baseline.Settings()), feed(), Means(TINY, tmp_path), said.append)
    epochs = [event for event in said if isinstance(event, EpochEnded)]
    assert [event.progress for event in epochs] == [0.5, 1.0]
    assert all(event.losses.keys() == {"recognition"} for event in epochs)
    assert all(event.test_accuracy.keys() == {"m"} for event in epochs)
    assert all(0 <= event.train_accuracy <= 1 for event in epochs)


def test_that_a_cancelled_fold_keeps_its_state_at_any_batch(tmp_path):
    def cancel(event):
        if isinstance(event, BatchEnded):
            raise Cancelled

    for _ in range(6):
        with pytest.raises(Cancelled):
            train(Baseline(Baseline.Settings()), feed(), Means(TINY, tmp_path), cancel)
    said = []
    train(Baseline(Baseline.Settings()), feed(), Means(TINY, tmp_path), said.append)
    assert not [event for event in said if isinstance(event, BatchEnded)]


def test_that_both_images_of_a_pair_pass_training_changed_alike(tmp_path):
    seen = []

    class Watched(Baseline):
        def losses(self, batch):
            seen.append(batch)
            return super().losses(batch)

    single = material()
    pixels = np.concatenate([single.pixels, single.pixels])
    pairs = np.stack([np.arange(10), np.arange(10) + 14], axis=1)
    twice = replace(single, pixels=pixels, train=pairs)
    said = []
    train(Watched(Baseline.Settings()), feed(twice), Means(TINY, tmp_path), said.append)
    assert len(seen) == 6
    assert all(torch.equal(batch.images[0], batch.images[1]) for batch in seen)
    assert not torch.equal(seen[0].images[0], seen[3].images[0])
    epochs = [event for event in said if isinstance(event, EpochEnded)]
    assert all(0 <= event.train_accuracy <= 1 for event in epochs)


def test_that_held_out_faces_are_scaled_as_chosen():
    method = Baseline(Baseline.Settings())
    images = []
    hook = method.network.register_forward_pre_hook(lambda _, given: images.append(given[0]))
    for scaling in ("imagenet", "half"):
        means = Means(replace(TINY, test_scaling=scaling), Path())
        probabilities(method, feed(), means)
    hook.remove()
    pixels = torch.from_numpy(material().pixels[10:])
    assert torch.equal(images[0], normalised(pixels))
    assert torch.equal(images[1], normalised(pixels, "half"))


def test_that_what_a_method_draws_does_not_follow_the_augmentation(tmp_path):
    drawn = []

    class Drawing(Baseline):
        def losses(self, batch):
            drawn.append(torch.rand(4))
            return super().losses(batch)

    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        train(Drawing(Baseline.Settings()), feed(), Means(TINY, folder), silent)
    assert len({tuple(values.tolist()) for values in drawn}) == 6
    assert torch.equal(drawn[0], drawn[6])
    assert not torch.equal(drawn[0], torch.rand(4, generator=seeded(3, 0, 0, 1)))


def test_that_training_which_diverges_says_so(tmp_path):
    method = Baseline(Baseline.Settings())
    method.network.head.weight.data.fill_(float("nan"))
    with pytest.raises(Failure, match="recognition"):
        train(method, feed(), Means(TINY, tmp_path), silent)
