from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, EpochEnded, silent
from engine.experiment.experiment import Training
from engine.methods.base import Method
from engine.methods.baseline import Baseline
from engine.networks.base import Network
from engine.training.augmentation import normalise
from engine.training.batches import BatchSource, seed_generator, steps_an_epoch
from engine.training.loop import TrainingContext, probabilities, train
from tests.engine.making import material

TINY = Training(epochs=2, batch=4, size=32, trunk_rate=1e-3, drops=(1,))
STEPS = 3  # an epoch of ten images has in batches of four


class Small(Network):
    """All that may differ between training and testing, and after a break, at next to no cost."""

    variants = ("small",)

    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3)]
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(4, 7)

    def features(self, images):
        return self.trunk(images).mean((2, 3))

    @property
    def heatmap_layer(self):
        return self.trunk[2]


class Quick(Baseline):
    """Plain cross-entropy of a small network, which is always the same at first."""

    def __init__(self):
        Method.__init__(self, Baseline.Settings())
        torch.manual_seed(0)
        self.network = Small()


class Pulled(Quick):
    """Every weight starts at 1 and has the same gradient in each step, so that a step is a rate."""

    def __init__(self, gradient):
        super().__init__()
        self._gradient = gradient
        self.stood = []  # one weight of the trunk and one of the head, before each step
        self.training_mode = []
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.fill_(1)

    @property
    def now(self):
        parts = self.network.trunk[0].weight, self.network.head.weight
        return [part[0].flatten()[0].item() for part in parts]

    def losses(self, batch):
        self.stood.append(self.now)
        self.training_mode.append(self.training)
        pull = sum(parameter.sum() for parameter in self.parameters())
        return {"recognition": self._gradient * pull}


def source(of=None, training=TINY):
    return BatchSource(of or material(), training, "cpu")


def lengths(method, training, folder):
    """How far each step moves the trunk and the head, (steps, 2)."""
    train(method, source(training=training), TrainingContext(training, folder), silent)
    return -np.diff(np.array([*method.stood, method.now]), axis=0)


def test_that_a_last_batch_of_one_is_dropped():
    assert [steps_an_epoch(n, 4) for n in (8, 9, 10, 2)] == [2, 2, 3, 1]


def test_that_each_epoch_is_told_with_its_losses_and_held_out_accuracy(tmp_path):
    said = []
    train(Baseline(Baseline.Settings()), source(), TrainingContext(TINY, tmp_path), said.append)
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
            train(Baseline(Baseline.Settings()), source(), TrainingContext(TINY, tmp_path), cancel)
    said = []
    train(Baseline(Baseline.Settings()), source(), TrainingContext(TINY, tmp_path), said.append)
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
    train(Watched(Baseline.Settings()), source(twice), TrainingContext(TINY, tmp_path), said.append)
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
        means = TrainingContext(replace(TINY, test_scaling=scaling), Path())
        probabilities(method, source(), means)
    hook.remove()
    pixels = torch.from_numpy(material().pixels[10:])
    assert torch.equal(images[0], normalise(pixels))
    assert torch.equal(images[1], normalise(pixels, "half"))


def test_that_what_a_method_draws_does_not_follow_the_augmentation(tmp_path):
    drawn = []

    class Drawing(Baseline):
        def losses(self, batch):
            drawn.append(torch.rand(4))
            return super().losses(batch)

    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        train(Drawing(Baseline.Settings()), source(), TrainingContext(TINY, folder), silent)
    assert len({tuple(values.tolist()) for values in drawn}) == 6
    assert torch.equal(drawn[0], drawn[6])
    assert not torch.equal(drawn[0], torch.rand(4, generator=seed_generator(3, 0, 0, 1)))


def test_that_training_which_diverges_says_so(tmp_path):
    method = Baseline(Baseline.Settings())
    method.network.head.weight.data.fill_(float("nan"))
    with pytest.raises(Failure, match="recognition"):
        train(method, source(), TrainingContext(TINY, tmp_path), silent)


@pytest.mark.parametrize("drops", [(1, 3), (2,), ()])
def test_that_both_rates_fall_to_a_tenth_after_just_these_epochs(tmp_path, drops):
    rates = {"trunk_rate": 1e-3, "head_rate": 1e-2}
    training = replace(TINY, epochs=4, drops=drops, weight_decay=0.0, **rates)
    walked = lengths(Pulled(1.0), training, tmp_path)
    fallen = [sum(drop <= epoch for drop in drops) for epoch in range(4) for _ in range(STEPS)]
    expected = [[1e-3 / 10**times, 1e-2 / 10**times] for times in fallen]
    assert walked == pytest.approx(np.array(expected), rel=1e-2, abs=1e-7)


def test_that_trunk_and_head_learn_each_at_its_own_rate(tmp_path):
    training = replace(TINY, trunk_rate=2e-3, head_rate=5e-4, drops=(), weight_decay=0.0)
    of_trunk, of_head = lengths(Pulled(1.0), training, tmp_path).T
    assert of_trunk == pytest.approx(2e-3, rel=1e-2)
    assert of_head == pytest.approx(5e-4, rel=1e-2)


def test_that_weight_decay_pulls_each_weight_as_much_as_its_size(tmp_path):
    decay = 2.0**-7
    for folder, given in (("with", decay), ("without", 0.0)):
        (tmp_path / folder).mkdir()
        training = replace(TINY, weight_decay=given)
        walked = lengths(Pulled(-decay), training, tmp_path / folder)
        # A weight of 1 stays where its decay is as large as the gradient that pushes it up.
        assert (walked == 0).all() if given else (walked < 0).all()


def test_that_an_evaluation_leaves_statistics_alone_and_training_goes_on_after_it(tmp_path):
    method = Pulled(0.0)
    train(method, source(), TrainingContext(TINY, tmp_path), silent)
    assert len(method.training_mode) == 2 * STEPS
    assert all(method.training_mode)
    method.train()
    before = {name: value.clone() for name, value in method.state_dict().items()}
    probabilities(method, source(), TrainingContext(TINY, tmp_path))
    assert all(torch.equal(before[name], value) for name, value in method.state_dict().items())


def test_that_what_is_said_of_a_face_does_not_depend_on_those_tested_with_it():
    method = Quick()
    means = TrainingContext(TINY, Path())
    together = probabilities(method, source(), means)
    for row, sample in enumerate(material().test):
        method.train()
        alone = probabilities(method, source(replace(material(), test=np.array([sample]))), means)
        assert alone[0] == pytest.approx(together[row], abs=1e-5)


@pytest.mark.parametrize("other", [{"seed": 4}, {"fold": 1}])
def test_that_seed_and_fold_decide_all_that_is_drawn_in_training(tmp_path, other):
    class Watched(Quick):
        def losses(self, batch):
            seen.append((batch.images.clone(), torch.rand(4)))
            return super().losses(batch)

    drawn = []
    of_another = replace(material(), **other)
    for place, of in enumerate((material(), material(), of_another)):
        seen = []
        (tmp_path / str(place)).mkdir()
        torch.manual_seed(place)  # what was drawn before must not matter
        method = Watched()
        train(method, source(of), TrainingContext(TINY, tmp_path / str(place)), silent)
        drawn.append(seen)
    for one, again, unlike in zip(*drawn, strict=True):
        assert all(map(torch.equal, one, again))
        assert not any(map(torch.equal, one, unlike))


def test_that_a_face_is_changed_anew_in_each_step(tmp_path):
    class Watched(Quick):
        def losses(self, batch):
            seen.extend(batch.images[0, :2].clone())
            return super().losses(batch)

    seen = []
    single = material()
    same = replace(single, pixels=np.repeat(single.pixels[:1], 14, axis=0))
    train(Watched(), source(same), TrainingContext(TINY, tmp_path), silent)
    assert len(seen) == 2 * 2 * STEPS
    assert len({image.numpy().tobytes() for image in seen}) == len(seen)


def test_that_an_epoch_tells_the_mean_of_each_loss_over_its_steps(tmp_path):
    class Told(Quick):
        def losses(self, batch):
            steps.append(len(steps))
            nothing = 0 * sum(parameter.sum() for parameter in self.parameters())
            return {"one": nothing + steps[-1], "other": nothing + 7}

    steps, said = [], []
    train(Told(), source(), TrainingContext(TINY, tmp_path), said.append)
    losses = [event.losses for event in said if isinstance(event, EpochEnded)]
    assert losses == [{"one": 1.0, "other": 7.0}, {"one": 4.0, "other": 7.0}]


def test_that_training_cut_off_within_epochs_ends_as_if_it_had_not_been(tmp_path):
    def taught(folder, *cuts):
        """Weights and epochs of a training that is cut off after these steps."""
        folder.mkdir()
        said = []
        for cut in (*cuts, None):
            method, steps = Quick(), []

            def report(event, steps=steps, cut=cut):
                said.append(event)
                steps += [event] if isinstance(event, BatchEnded) else []
                if len(steps) == cut:
                    raise Cancelled

            with suppress(Cancelled):
                train(method, source(), TrainingContext(TINY, folder), report)
        epochs = [replace(e, seconds=0) for e in said if isinstance(e, EpochEnded)]
        return method.state_dict(), epochs

    weights, epochs = taught(tmp_path / "whole")
    cut, told = taught(tmp_path / "cut", 1, 1, 2, 1)
    assert all(torch.equal(value, cut[name]) for name, value in weights.items())
    assert told == epochs


def test_that_held_out_accuracy_is_of_the_held_out_faces_by_condition(tmp_path):
    class Stubborn(Quick):
        """It says expression 6 of whatever it sees, and does not learn."""

        def losses(self, batch):
            self.network.head.bias.data[:] = torch.eye(7)[6] * 100
            return {"recognition": 0 * sum(parameter.sum() for parameter in self.parameters())}

    said = []
    held_out = replace(material(), test=np.array([0, 5, 6, 10, 11, 12, 13]))
    train(Stubborn(), source(held_out), TrainingContext(TINY, tmp_path), said.append)
    told = [event.test_accuracy for event in said if isinstance(event, EpochEnded)]
    assert told == [{"nm": 1 / 3, "m": 1 / 4}] * 2
