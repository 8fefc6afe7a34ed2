import pytest
import torch

from engine.domain import Failure
from engine.experiment.experiment import make_settings
from engine.methods.baseline import Baseline
from engine.networks.base import build, check_name
from engine.networks.timm_backbone import OFFERED, PREFIX, TimmBackbone
from engine.pretrained.matching import load
from tests.engine.pretrained.making import filled_with, random_state


def test_that_networks_of_timm_are_offered_where_it_is_installed():
    assert TimmBackbone.variants in ((), tuple(PREFIX + name for name in OFFERED))


@pytest.mark.parametrize("name", TimmBackbone.variants)
def test_that_a_file_made_with_timm_fills_its_network(name, tmp_path):
    network = build(name)
    state = random_state(network.trunk)
    heads = {"classifier.weight": torch.ones(8, 4)}
    torch.save({"state_dict": state | heads}, tmp_path / "w.pth")
    report = load(network, tmp_path / "w.pth")
    assert (report.share, report.left_out) == (1, ("classifier.weight",))
    assert filled_with(network, state)


def test_that_any_name_of_timm_is_a_network(monkeypatch):
    pytest.importorskip("timm")
    network = build(PREFIX + "resnet10t").eval()
    faces = torch.rand(2, 3, 64, 64)
    assert network(faces).shape == (2, 7)
    assert network.features(faces).shape == (2, network.head.in_features)


def test_that_a_name_that_timm_does_not_know_is_told_with_those_like_it():
    pytest.importorskip("timm")
    with pytest.raises(ValueError, match="did you mean resnet50"):
        check_name(PREFIX + "resnet50x")


def test_that_a_network_without_a_map_of_the_face_is_refused():
    pytest.importorskip("timm")
    with pytest.raises(Failure, match="makes no map of the face"):
        build(PREFIX + "vit_tiny_patch16_224")


def test_that_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr("engine.networks.timm_backbone.find_spec", lambda name: None)
    with pytest.raises(Failure, match=r"pip install 'msde-studio\[timm\]'"):
        make_settings(Baseline.Settings, {"network": PREFIX + "resnet26"})
