import pytest

from engine.networks.base import build
from engine.pretrained.layouts.base import layouts
from engine.pretrained.layouts.efficientnet_pytorch import EfficientNetPytorch
from engine.pretrained.layouts.sequential import Sequential


@pytest.mark.parametrize("layout", layouts())
def test_that_a_layout_has_a_title_and_answers_for_any_name(layout):
    assert layout.title
    for name in ("", "weight", "conv1.weight", "_blocks.3._bn1.bias", "4.0.conv1.weight", "a..b"):
        assert layout.translated(name) is None or isinstance(layout.translated(name), str)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("0.weight", "conv1.weight"),
        ("1.running_mean", "bn1.running_mean"),
        ("4.0.conv1.weight", "layer1.0.conv1.weight"),
        ("7.1.downsample.0.weight", "layer4.1.downsample.0.weight"),
        ("conv1.weight", None),
        ("2.weight", None),
    ],
)
def test_that_numbered_parts_get_their_names(name, ours):
    assert Sequential.translated(name) == ours


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("_conv_stem.weight", "stem.conv.weight"),
        ("_bn0.bias", "stem.norm.bias"),
        ("_blocks.0._bn1.bias", "blocks.0.depthwise.norm.bias"),
        ("_blocks.11._bn0.running_var", "blocks.11.expand.norm.running_var"),
        ("_bn1.running_mean", "top.norm.running_mean"),
        ("_fc.weight", None),
    ],
)
def test_that_efficientnet_pytorch_is_understood(name, ours):
    assert EfficientNetPytorch.translated(name) == ours
    assert ours is None or ours in build("efficientnet-lite0").trunk.state_dict()
