"""A network so small that its losses can be worked out by hand, and it learns in no time."""

import torch
from torch import nn

from engine.networks.base import Network


class Tiny(Network):
    """The map is a 1 × 1 convolution of the image, the feature its mean; both have two units."""

    variants = ("tiny",)

    def __init__(self, variant="tiny"):
        super().__init__()
        self.trunk = nn.Conv2d(3, 2, 1, bias=False)
        self.head = nn.Linear(2, 7, bias=False)
        with torch.no_grad():
            self.trunk.weight.copy_(torch.tensor([[1.0, 0, 0], [0, 1.0, 0]])[..., None, None])
            self.head.weight.copy_(torch.arange(14.0).view(7, 2) / 10)

    def features(self, images):
        return self.trunk(images).mean((2, 3))

    @property
    def heatmap_layer(self):
        return self.trunk
