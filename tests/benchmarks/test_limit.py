from functools import partial

import pytest
import torch

from benchmarks.limit import TORCHVISION, Limit, Passes, Setting, Stepping, document
from benchmarks.together import together

SETTING = Setting(1, 1, "fp32", "channels_last")


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("network", ["resnet18", TORCHVISION + "resnet18"])
@pytest.mark.parametrize(("learnt", "seen"), [(1, 0), (1, 1), (0, 1)])
def test_that_every_kind_of_step_has_a_speed(network, learnt, seen):
    passes = Passes(network, 32, 2, learnt, seen)
    waits = []
    speeds = Stepping(passes, (SETTING,), 0.01)(partial(waits.append, True))
    assert len(speeds) == len(waits) == 1
    assert speeds[0] > 0


def test_that_a_setting_says_how_it_computes():
    assert str(SETTING) == "1 process × 1 thread, fp32, channels_last"
    told = document(Limit((SETTING,), {str(SETTING): 2.0}), 3.0)
    assert told["setting"]["layout"] == "channels_last"
    assert told["per_second"] == 3.0


def test_that_processes_work_together_and_their_speeds_add_up():
    said = partial(next, iter([[1.0, 2.5]]))  # called with what waits, it returns the list
    assert together(said, 2) == [2.0, 5.0]
