"""Residual networks of torchvision: the paper's ResNet-18 and its deeper sisters."""

from torch import Tensor, nn

from engine.networks._trunk import WIDTHS, trunk
from engine.networks.base import N_EXPRESSIONS, Network


class ResNet(Network):
    """He et al., 2016. ResNet-18 with seven outputs has 11,180,103 parameters."""

    variants = ("resnet18", "resnet34", "resnet50")

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.trunk = trunk(variant)
        self.head = nn.Linear(WIDTHS[variant], N_EXPRESSIONS)

    def features(self, images: Tensor) -> Tensor:
        maps: Tensor = self.trunk(images)
        return maps.mean((2, 3))

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk.get_submodule("layer4")
