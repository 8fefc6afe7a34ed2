"""Names of torchvision, timm and our own networks, which the trunks here have as well."""

from engine.pretrained.layouts.base import Layout


class Same(Layout):
    """Both MS-Celeb-1M ResNet-18 files, torchvision checkpoints, the VGGFace2 ResNet-50."""

    title = "the network's own names"

    @staticmethod
    def translated(name: str) -> str | None:
        return name
