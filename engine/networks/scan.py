"""SCAN-CCI: a branch that gates 25 patches of the face, and one that reads its four quarters.

Gera and Balasubramanian, Pattern Recognition Letters 2021. The paper's patches divide the 28 × 28
map of a 224 px input. A map of another side is divided in the same proportions by the rule of
adaptive pooling: a patch holds every cell that it touches, so neighbours may share cells.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.domain import Failure
from engine.networks._convolution import Convolution
from engine.networks._trunk import WIDTHS, trunk
from engine.networks.base import N_EXPRESSIONS, Network

SIDE = 28  # cells of the paper's map
EDGES = (0, 6, 12, 18, 24, 28)  # of the patches, in those cells
REGIONS = 4
SWAPPED = 8 * SIDE  # px, or a multiple of it, for the released bottom patches


class SCAN(Network):
    """``scan`` has 70,196,307 parameters and one gate per patch, ``scan-shared`` one for all.

    ``swapped_bottom`` cuts the four bottom patches as the public program does; its ``forward``
    raises ``Failure`` for sizes other than multiples of 224 px.
    """

    variants = ("scan", "scan-shared", "scan18", "scan18-shared")
    trunk: nn.Sequential
    head: "Classifiers"

    def __init__(self, variant: str, swapped_bottom: bool = False) -> None:
        super().__init__()
        residual = "resnet18" if variant.startswith("scan18") else "resnet50"
        patch_width, region_width = WIDTHS[residual] // 4, WIDTHS[residual] // 2
        gates = 1 if variant.endswith("shared") else (len(EDGES) - 1) ** 2
        self.trunk = trunk(residual, last="layer3")
        self.attention = _Attention(patch_width, gates, swapped_bottom)
        self.context = _Context()
        self.head = Classifiers(2 * patch_width, region_width)

    def features(self, images: Tensor) -> Tensor:
        """Unit patch features, then each quarter's: (n, 5120), with ``scan18`` (n, 1280)."""
        lower = self.trunk[:-1](images)
        upper = self.trunk[-1](lower)
        return torch.cat([self.attention(lower), self.context(upper).flatten(1)], 1)

    @property
    def heatmap_layer(self) -> nn.Module:
        """The last map that both branches read."""
        return self.trunk.get_submodule("layer2")

    @property
    def heatmap_note(self) -> str:
        return "layer2 is the last map that both branches, of patches and of quarters, read"


class Classifiers(nn.Module):
    """One for the patches, and one that the four quarters share; their mean is the answer."""

    def __init__(self, patches: int, region: int) -> None:
        super().__init__()
        self.patches = nn.Linear(patches, N_EXPRESSIONS)
        self.region = nn.Sequential(
            nn.Linear(region, 256), nn.ReLU(), nn.Linear(256, N_EXPRESSIONS)
        )

    def forward(self, features: Tensor) -> Tensor:
        """Logits, (n, 7)."""
        return self.branches(features).mean(1)

    def branches(self, features: Tensor) -> Tensor:
        """The logits of the patches and of each quarter, (n, 5, 7)."""
        patches = features[:, : self.patches.in_features]
        quarters = features[:, self.patches.in_features :].view(len(features), REGIONS, -1)
        return torch.cat([self.patches(patches).unsqueeze(1), self.region(quarters)], 1)


class _Attention(nn.Module):
    """The strongest gated patch in each channel, beside the gated whole: unit length."""

    def __init__(self, width: int, gates: int, swapped_bottom: bool) -> None:
        super().__init__()
        self.local = nn.ModuleList(_Gate(width) for _ in range(gates))
        self.whole = _Gate(width)
        self.swapped_bottom = swapped_bottom

    def forward(self, maps: Tensor) -> Tensor:
        parts = patches(maps, self.swapped_bottom)
        gated = [self.local[k % len(self.local)](part) for k, part in enumerate(parts)]
        return F.normalize(torch.cat([torch.stack(gated).amax(0), self.whole(maps)], 1))


class _Gate(nn.Module):
    """Scales every cell and channel of a map by what is around it; then the mean, (n, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            Convolution(width, width),
            nn.PReLU(width),
            nn.BatchNorm2d(width),
            nn.Sigmoid(),
        )

    def forward(self, maps: Tensor) -> Tensor:
        gated: Tensor = maps * self.gate(maps)
        return gated.mean((2, 3), dtype=torch.float32)


class _Context(nn.Module):
    """Means of the four quarters, (n, 4, width), their channels scaled by efficient attention."""

    def __init__(self) -> None:
        super().__init__()
        self.neighbours = nn.Conv1d(1, 1, 5, padding=2, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        maps = maps.float()
        scale: Tensor = self.neighbours(maps.mean((2, 3)).unsqueeze(1)).sigmoid()
        return scale * F.adaptive_avg_pool2d(maps, 2).flatten(2).transpose(1, 2)


def patches(maps: Tensor, swapped_bottom: bool = False) -> list[Tensor]:
    """The 25 patches: 16 of the large square by rows, then right strip, bottom strip, corner."""
    rows, columns = (_spans(side) for side in maps.shape[2:])
    inner = range(len(EDGES) - 2)
    square = [maps[:, :, rows[i], columns[j]] for i in inner for j in inner]
    right = [maps[:, :, rows[i], columns[-1]] for i in inner]
    bottom = [maps[:, :, rows[-1], columns[j]] for j in inner]
    if swapped_bottom:
        bottom = _cut_released_bottom(maps)
    return [*square, *right, *bottom, maps[:, :, rows[-1], columns[-1]]]


def _spans(side: int) -> list[slice]:
    scaled = [edge * side for edge in EDGES]
    return [slice(a // SIDE, -(-b // SIDE)) for a, b in pairwise(scaled)]


def _cut_released_bottom(maps: Tensor) -> list[Tensor]:
    """The released program's bottom patches: rows of the strip, each folded into a rectangle."""
    side = maps.shape[3]
    if side % SIDE:
        raise Failure("The released bottom patches of SCAN need a size of 224 px: choose it.")
    bottom = 24 * side // SIDE
    strip = maps[:, :, bottom:, :bottom]
    return list(strip.reshape(*strip.shape[:2], 4, -1, bottom // 4).unbind(2))
