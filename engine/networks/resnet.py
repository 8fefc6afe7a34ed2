"""Residual networks of torchvision: the paper's ResNet-18 and its deeper sisters."""

from torch import Tensor, nn
from torchvision import models

from engine.networks.base import N_EXPRESSIONS, Network


class Resnet(Network):
    """He et al., 2016. ResNet-18 with seven outputs has 11,180,103 parameters."""

    variants = ("resnet18", "resnet34", "resnet50")

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.trunk = models.get_model(variant, weights=None)
        self.head = nn.Linear(self.trunk.fc.in_features, N_EXPRESSIONS)
        self.trunk.fc = nn.Identity()

    def features(self, images: Tensor) -> Tensor:
        features: Tensor = self.trunk(images)
        return features

    @property
    def heatmap_layer(self) -> nn.Module:
        layer: nn.Module = self.trunk.layer4
        return layer
