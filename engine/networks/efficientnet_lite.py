"""EfficientNet-Lite0: a small network whose ImageNet weights come with a package.

Tan and Le, 2019, without squeeze-and-excitation and with ReLU6 (Google, 2020). Padding, epsilon
and input range are those of the TensorFlow original, which the published weights expect.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.networks.base import IMAGENET_MEAN, IMAGENET_SD, N_EXPRESSIONS, Network

STAGES = (  # blocks, kernel, stride of the first, widening, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM, TOP = 32, 1280  # channels
DROPOUT = 0.2


class EfficientNetLite(Network):
    """3,379,975 parameters. The trunk alone has 3,371,008; its map 1/32 of the input's side."""

    variants = ("efficientnet-lite0",)
    scale: Tensor
    shift: Tensor

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            OrderedDict(
                stem=_unit(3, STEM, 3, 2),
                blocks=nn.Sequential(*_blocks()),
                top=_unit(STAGES[-1][-1], TOP, 1),
            )
        )
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(TOP, N_EXPRESSIONS))
        mean, deviation = (
            torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_SD)
        )
        self.register_buffer("scale", 255 * deviation / 128, persistent=False)
        self.register_buffer("shift", (255 * mean - 127) / 128, persistent=False)

    def features(self, images: Tensor) -> Tensor:
        maps: Tensor = self.trunk(images * self.scale + self.shift)
        return maps.mean((2, 3))

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk


class _Block(nn.Module):
    """An inverted residual: widen, look around in each channel, narrow."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = before * widening
        self.expand = _unit(before, wide, 1) if widening > 1 else nn.Identity()
        self.depthwise = _unit(wide, wide, kernel, stride, groups=wide)
        self.project = _unit(wide, after, 1)[:-1]  # no ReLU6
        self.residual = stride == 1 and before == after

    def forward(self, maps: Tensor) -> Tensor:
        changed: Tensor = self.project(self.depthwise(self.expand(maps)))
        return changed + maps if self.residual else changed


class _Same(nn.Conv2d):
    """A convolution padded as TensorFlow does: the output's side is side / stride, rounded up."""

    def forward(self, maps: Tensor) -> Tensor:
        rows, columns = (self._padding(side) for side in maps.shape[2:])
        return super().forward(F.pad(maps, [*columns, *rows]))

    def _padding(self, side: int) -> tuple[int, int]:
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        return total // 2, total - total // 2


def _unit(
    before: int, after: int, kernel: int, stride: int = 1, *, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=_Same(before, after, kernel, stride, groups=groups, bias=False),
            norm=nn.BatchNorm2d(after, eps=1e-3),
            activation=nn.ReLU6(),
        )
    )


def _blocks() -> list[_Block]:
    made, before = [], STEM
    for blocks, kernel, stride, widening, after in STAGES:
        for number in range(blocks):
            made.append(_Block(before, after, kernel, 1 if number else stride, widening))
            before = after
    return made
