import pytest
import torch

from engine.training.epoch_metrics import EpochMetrics, Read

SAID = torch.eye(7)[[0, 1, 2]]  # recognises 0, 1, 2
TRUE = torch.tensor([0, 1, 6])


def test_that_losses_and_hits_are_summed_over_batches():
    metrics = EpochMetrics()
    for _ in range(2):
        metrics.add({"recognition": torch.tensor(0.5)}, [SAID], TRUE)
    assert metrics.read() == Read({"recognition": 1.0}, right=4, seen=6)


def test_that_both_views_of_a_pair_count_and_other_outputs_do_not():
    metrics = EpochMetrics()
    metrics.add({}, [torch.cat([SAID, SAID]), torch.zeros(5, 7), torch.zeros(3)], TRUE)
    assert metrics.read() == Read({}, right=4, seen=6)


def test_that_it_goes_on_from_what_was_kept():
    metrics = EpochMetrics(Read({"recognition": 0.1}, right=2, seen=3))
    metrics.add({"recognition": torch.tensor(0.25)}, [SAID], TRUE)
    assert metrics.read() == Read({"recognition": 0.1 + 0.25}, right=4, seen=6)


@pytest.mark.parametrize("wrong", ["nan", "inf"])
def test_that_a_loss_which_is_no_number_is_named(wrong):
    metrics = EpochMetrics()
    sound, broken = torch.tensor(1.0), torch.tensor(float(wrong))
    metrics.add({"recognition": sound, "feature": sound}, [], TRUE)
    assert not metrics.diverged
    metrics.add({"recognition": sound, "feature": broken}, [], TRUE)
    assert metrics.diverged == "feature"
    metrics.add({"recognition": broken, "feature": broken}, [], TRUE)
    assert metrics.diverged == "feature"  # it was the first
