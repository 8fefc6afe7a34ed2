"""Convolutional networks of the library timm, by name, for weight files that were made with it."""

from importlib.util import find_spec

import torch
from torch import Tensor, nn

from engine.domain import Failure
from engine.networks.base import N_EXPRESSIONS, Network

PREFIX = "timm:"
OFFERED = (
    "tf_efficientnet_b0",
    "tf_efficientnet_b2",
    "mobilenetv4_conv_small",
    "convnext_tiny",
)
SIDE = 224  # px of the face that tells what a network makes of one


class TimmBackbone(Network):
    """Answers to any of timm's names. Nothing is downloaded: weights start at random."""

    variants = tuple(PREFIX + name for name in OFFERED if find_spec("timm"))

    def __init__(self, variant: str) -> None:
        super().__init__()
        name = variant.removeprefix(PREFIX)
        width = _width(name)
        self.trunk = _create(name)
        self.head = nn.Linear(width, N_EXPRESSIONS)

    @classmethod
    def answers_to(cls, name: str) -> bool:
        if not name.startswith(PREFIX):
            return False
        if not find_spec("timm"):
            raise ValueError("this needs the library timm: pip install 'msde-studio[timm]'")
        import timm  # takes a second; what is offered is known without it

        if not timm.is_model(name.removeprefix(PREFIX)):
            raise ValueError(f"timm knows no network of that name: {_like(name)}")
        return True

    @classmethod
    def check_size(cls, name: str, size: int) -> None:
        try:
            _map_of(name.removeprefix(PREFIX), size)
        except NotImplementedError:  # not of the size: the map can only be foretold by training
            return
        except (RuntimeError, ValueError, AssertionError) as error:
            raise Failure(f"{name} cannot be trained at {size} px: choose another size.") from error

    def features(self, images: Tensor) -> Tensor:
        maps: Tensor = self.trunk(images)
        return maps.mean((2, 3))

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk


def _create(name: str) -> nn.Module:
    import timm

    trunk: nn.Module = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")
    return trunk


def _width(name: str) -> int:
    """Channels of the map that the network makes of a face."""
    maps = _map_of(name, SIDE)
    channels = tuple(maps.shape[1:2])
    if maps.ndim != 4 or min(maps.shape[2:]) < 2 or maps.shape[2] != maps.shape[3]:
        raise Failure(
            f"{PREFIX}{name} makes no map of the face, which heatmaps need: choose a "
            "convolutional network."
        )
    return int(channels[0])


def _map_of(name: str, side: int) -> Tensor:
    """What the network makes of faces of ``side`` px; nothing is computed for it."""
    with torch.device("meta"):
        maps: Tensor = _create(name)(torch.empty(2, 3, side, side))
    return maps


def _like(name: str) -> str:
    import timm

    stem = name.removeprefix(PREFIX)
    near = timm.list_models(f"*{stem}*")[:5] or timm.list_models(f"{stem[:6]}*")[:5]
    return f"did you mean {', '.join(near)}?" if near else "its names are listed by timm itself"
