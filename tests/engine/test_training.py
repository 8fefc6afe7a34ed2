import numpy as np
import pytest

from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, EpochEnded, silent
from engine.experiment import Training
from engine.methods.baseline import Baseline
from engine.training import Material, Means, steps_an_epoch, train

TINY = Training(epochs=2, batch=4, size=32, trunk_rate=1e-3, drops=(1,))


def material():
    random = np.random.default_rng(0)
    return Material(
        fold=0,
        seed=3,
        pixels=random.integers(0, 255, (14, 32, 32, 3), dtype=np.uint8),
        expressions=np.arange(14) % 7,
        conditions=np.arange(14) // 7,
        train=np.arange(10)[:, None],
        test=np.arange(10, 14),
    )


def test_that_a_last_batch_of_one_is_dropped():
    assert [steps_an_epoch(n, 4) for n in (8, 9, 10, 2)] == [2, 2, 3, 1]


def test_that_each_epoch_is_told_with_its_losses_and_held_out_accuracy(tmp_path):
    said = []
    train(Baseline(Baseline.Settings()), material(), Means(TINY, tmp_path), said.append)
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
            train(Baseline(Baseline.Settings()), material(), Means(TINY, tmp_path), cancel)
    said = []
    train(Baseline(Baseline.Settings()), material(), Means(TINY, tmp_path), said.append)
    assert not [event for event in said if isinstance(event, BatchEnded)]


def test_that_training_which_diverges_says_so(tmp_path):
    method = Baseline(Baseline.Settings())
    method.network.head.weight.data.fill_(float("nan"))
    with pytest.raises(Failure, match="recognition"):
        train(method, material(), Means(TINY, tmp_path), silent)
