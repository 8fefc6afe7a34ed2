import pytest
import torch

from engine.networks.base import build
from engine.networks.timm_backbone import OFFERED, PREFIX, Timm
from engine.weights.fitting import load
from tests.engine.weights.making import filled_with, random_state


def test_that_networks_of_timm_are_offered_where_it_is_installed():
    assert Timm.variants in ((), tuple(PREFIX + name for name in OFFERED))


@pytest.mark.parametrize("name", Timm.variants)
def test_that_a_file_made_with_timm_fills_its_network(name, tmp_path):
    network = build(name)
    state = random_state(network.trunk)
    heads = {"classifier.weight": torch.ones(8, 4)}
    torch.save({"state_dict": state | heads}, tmp_path / "w.pth")
    report = load(network, tmp_path / "w.pth")
    assert (report.share, report.left_out) == (1, ("classifier.weight",))
    assert filled_with(network, state)
