"""Networks of the library timm, by name, for weight files that were made with it."""

from importlib.util import find_spec

from torch import Tensor, nn

from engine.networks.base import N_EXPRESSIONS, Network

PREFIX = "timm:"
OFFERED = (
    "tf_efficientnet_b0",
    "tf_efficientnet_b2",
    "mobilenetv4_conv_small",
    "convnext_tiny",
)


class Timm(Network):
    """Offered where timm is installed. Nothing is downloaded: weights start at random."""

    variants = tuple(PREFIX + name for name in OFFERED if find_spec("timm"))

    def __init__(self, variant: str) -> None:
        super().__init__()
        import timm  # takes a second; the names are known without it

        name = variant.removeprefix(PREFIX)
        trunk = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")
        self.trunk = trunk
        self.head = nn.Linear(trunk.head_hidden_size, N_EXPRESSIONS)

    def features(self, images: Tensor) -> Tensor:
        maps: Tensor = self.trunk(images)
        return maps.mean((2, 3))

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk
