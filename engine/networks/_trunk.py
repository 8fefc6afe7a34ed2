"""Residual trunks cut after any stage, for networks that read feature maps."""

from collections import OrderedDict

from torch import nn
from torchvision import models

from engine.networks._convolution import fast

WIDTHS = {"resnet18": 512, "resnet34": 512, "resnet50": 2048}  # channels of layer4's map
_ORDER = ("conv1", "bn1", "maxpool", "relu", "layer1", "layer2", "layer3", "layer4")


def trunk(variant: str, last: str = "layer4") -> nn.Sequential:
    """Faces to the map of the stage ``last``; every part keeps the name torchvision gives it.

    A map of layer4 has 1/32 of the input's side and ``WIDTHS[variant]`` channels; each stage
    before it has twice the side and half the channels. Pooling goes before the ReLU that it
    commutes with, which then has a quarter of the cells to go through.
    """
    parts = dict(fast(models.get_model(variant, weights=None)).named_children())
    kept = _ORDER[: _ORDER.index(last) + 1]
    return nn.Sequential(OrderedDict((name, parts[name]) for name in kept))
