import pytest
import torch

from engine.training.epoch_metrics import EpochMetrics, Read

SAID = torch.eye(7)[[0, 1, 2]]  # recognises 0, 1, 2
TRUE = torch.tensor([0, 1, 6])


def test_that_losses_and_hits_are_summed_over_batches():
    tally = EpochMetrics()
    for _ in range(2):
        tally.add({"recognition": torch.tensor(0.5)}, [SAID], TRUE)
    assert tally.read() == Read({"recognition": 1.0}, right=4, seen=6)


def test_that_both_views_of_a_pair_count_and_other_outputs_do_not():
    tally = EpochMetrics()
    tally.add({}, [torch.cat([SAID, SAID]), torch.zeros(5, 7), torch.zeros(3)], TRUE)
    assert tally.read() == Read({}, right=4, seen=6)


def test_that_it_goes_on_from_what_was_kept():
    tally = EpochMetrics(Read({"recognition": 0.1}, right=2, seen=3))
    tally.add({"recognition": torch.tensor(0.25)}, [SAID], TRUE)
    assert tally.read() == Read({"recognition": 0.1 + 0.25}, right=4, seen=6)


@pytest.mark.parametrize("wrong", ["nan", "inf"])
def test_that_a_loss_which_is_no_number_is_named(wrong):
    tally = EpochMetrics()
    sound, broken = torch.tensor(1.0), torch.tensor(float(wrong))
    tally.add({"recognition": sound, "feature": sound}, [], TRUE)
    assert not tally.diverged
    tally.add({"recognition": sound, "feature": broken}, [], TRUE)
    assert tally.diverged == "feature"
    tally.add({"recognition": broken, "feature": broken}, [], TRUE)
    assert tally.diverged == "feature"  # it was the first
