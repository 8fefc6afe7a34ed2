"""Residual trunks cut after any stage, for networks that read feature maps."""

from collections import OrderedDict
from itertools import takewhile

from torch import nn
from torchvision import models

from engine.networks.convolution import fast

WIDTHS = {"resnet18": 512, "resnet34": 512, "resnet50": 2048}  # channels of layer4's map


def trunk(variant: str, last: str = "layer4") -> nn.Sequential:
    """Faces to the map of the stage ``last``; every part keeps the name torchvision gives it.

    A map of layer4 has 1/32 of the input's side and ``WIDTHS[variant]`` channels; each stage
    before it has twice the side and half the channels.
    """
    parts = list(fast(models.get_model(variant, weights=None)).named_children())
    kept = list(takewhile(lambda part: part[0] != last, parts))
    return nn.Sequential(OrderedDict(parts[: len(kept) + 1]))
