"""Region attention (RAN): six crops of a face, each weighed by what it tells.

Wang, Peng, Yang, Meng and Qiao, IEEE TIP 2020, with the crops at fixed positions. The crops are
cut here from the whole face, to whole pixels, and enlarged to its size. All crops of a batch pass
the trunk at once, so batch normalisation sees them together, unless it is to see each apart.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.networks._trunk import WIDTHS, trunk
from engine.networks.base import N_EXPRESSIONS, Network

CROPS = (  # left, top, right, bottom as fractions of the face; the first is the whole face
    (0.0, 0.0, 1.0, 1.0),
    (0.0, 0.0, 0.75, 0.75),
    (0.25, 0.0, 1.0, 0.75),
    (0.125, 0.25, 0.875, 1.0),
    (0.05, 0.05, 0.95, 0.95),
    (0.075, 0.075, 0.925, 0.925),
)


class CropAttention(NamedTuple):
    """What the attention makes of a batch's crops."""

    features: Tensor  # (n, 2d)
    weights: Tensor  # (n, 6): self-attention in the order of ``CROPS``, summing to 1


class RAN(Network):
    """The paper's setting is ``ran50``: 23,542,857 parameters; ``ran18`` has 11,185,225."""

    variants = ("ran18", "ran34", "ran50")

    def __init__(
        self, variant: str, classes: int = N_EXPRESSIONS, crops_apart: bool = False
    ) -> None:
        super().__init__()
        self.crops_apart = crops_apart
        residual = variant.replace("ran", "resnet")
        width = WIDTHS[residual]
        self.trunk = trunk(residual)
        self.self_attention = nn.Linear(width, 1)
        self.relation_attention = nn.Linear(2 * width, 1)
        self.head = nn.Linear(2 * width, classes)

    def features(self, images: Tensor) -> Tensor:
        return self.attended(images).features

    def attended(self, images: Tensor) -> CropAttention:
        """Features and crop weights of whole faces, (n, 3, height, width)."""
        return self._attended(cut_crops(images))

    @property
    def heatmap_layer(self) -> nn.Module:
        """Its maps are those of the crops, in the order of ``cut_crops``."""
        return self.trunk.get_submodule("layer4")

    @property
    def heatmap_note(self) -> str:
        return "a map of each of the six crops, put back at its place in the face and summed"

    def on_face(self, maps: Tensor, size: tuple[int, int]) -> Tensor:
        """Maps of crops in the order of ``cut_crops``, (6n, h, w), as sums on their faces."""
        faces = maps.new_zeros(len(maps) // len(CROPS), *size)
        for of_crop, (rows, columns) in zip(maps.chunk(len(CROPS)), _boxes(*size), strict=True):
            place = faces[:, rows, columns]  # a view
            place += _resize(of_crop.unsqueeze(1), place.shape[1:]).squeeze(1)
        return faces

    def _attended(self, crops: Tensor) -> CropAttention:
        parts = crops.chunk(len(CROPS)) if self.crops_apart and self.training else [crops]
        maps = torch.cat([self.trunk(part) for part in parts])
        pooled = maps.float().mean((2, 3)).view(len(CROPS), -1, maps.shape[1]).transpose(0, 1)
        with torch.autocast(pooled.device.type, enabled=False):  # weights differ by hundredths
            return self._weighed(pooled)

    def _weighed(self, pooled: Tensor) -> CropAttention:
        """``pooled`` is (n, 6, d). The softmax of a sigmoid is that of the released program."""
        own = self.self_attention(pooled).sigmoid().softmax(1)
        content = (own * pooled).sum(1, keepdim=True)
        related = torch.cat([pooled, content.expand_as(pooled)], 2)
        joint = own * self.relation_attention(related).sigmoid().softmax(1)
        return CropAttention((joint * related).sum(1) / joint.sum(1), own.squeeze(2))


def cut_crops(images: Tensor) -> Tensor:
    """The six crops of each face at its full size, (6n, 3, height, width), crop by crop."""
    height, width = images.shape[2:]
    boxes = _boxes(height, width)
    return torch.cat([_resize(images[:, :, r, c], images.shape[2:]) for r, c in boxes])


def _boxes(height: int, width: int) -> list[tuple[slice, slice]]:
    """Rows and columns of each crop, to whole pixels."""
    return [
        (
            slice(round(top * height), round(bottom * height)),
            slice(round(left * width), round(right * width)),
        )
        for left, top, right, bottom in CROPS
    ]


def _resize(images: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(images, list(size), mode="bilinear", align_corners=False)
