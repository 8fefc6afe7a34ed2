"""The ResNet-18 of the released MSD-E program: every cell of its last map has unit length."""

import torch.nn.functional as F
from torch import Tensor, nn

from engine.networks._trunk import WIDTHS, trunk
from engine.networks.base import N_EXPRESSIONS, Network


class MSDENetwork(Network):
    """11,180,103 parameters. Its head reads the mean of the unit cells, so at most unit length."""

    variants = ("msde18",)

    def __init__(self, variant: str) -> None:
        super().__init__()
        residual = variant.replace("msde", "resnet")
        self.trunk = trunk(residual)
        self.head = nn.Linear(WIDTHS[residual], N_EXPRESSIONS)

    def features(self, images: Tensor) -> Tensor:
        return self.unit_map(images).mean((2, 3))

    def unit_map(self, images: Tensor) -> Tensor:
        """The last map, (n, 512, height / 32, width / 32), its channels of unit length."""
        return F.normalize(self.trunk(images).float(), dim=1)

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk.get_submodule("layer4")
