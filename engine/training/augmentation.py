"""Random flips, small affine maps and colour changes of whole batches.

The kinds and ranges follow the released MSD-E program (flip, shift 1/16, scale 0.1, rotation 3°,
enlargement to 1.25, hue, saturation, brightness and contrast), each with probability one half.
Hue turns the colour plane of YIQ, which is one matrix product instead of a conversion to HSV.
"""

import math
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.experiment.experiment import Scaling, Training
from engine.networks.base import IMAGENET_MEAN, IMAGENET_SD

CACHED = 4  # images of a batch that a core changes at once, out of its caches
_STANDARD: Mapping[Scaling, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "imagenet": (IMAGENET_MEAN, IMAGENET_SD),
    "half": ((0.5,) * 3, (0.5,) * 3),
    "unit": ((0.0,) * 3, (1.0,) * 3),
}  # mean and deviation of each channel
_GREY = (0.299, 0.587, 0.114)
_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))


def normalise(pixels: Tensor, scaling: Scaling = "imagenet") -> Tensor:
    """uint8 (..., h, w, 3) to float (..., 3, h, w), less the scaling's mean, by its deviation."""
    wide = pixels.flatten(-2).float()  # (..., h, w * 3)
    mean, deviation = wide.new_tensor(_STANDARD[scaling]).repeat(1, pixels.shape[-2])
    wide.mul_(1 / (255 * deviation)).sub_(mean / deviation)
    return wide.view(pixels.shape).movedim(-1, -3)


def augment(pixels: Tensor, training: Training, random: torch.Generator) -> Tensor:
    """Like ``normalise``, changed at random: uint8 (views, n, h, w, 3) to (views, n, 3, h, w).

    All views of a sample, such as the two images of a pair, are changed alike. ``random`` is a
    CPU generator, so that every device draws the same.
    """
    views, n, *sides, _ = pixels.shape
    maps = _affine_maps(n, training, random).to(pixels.device)
    drawn = _colour_changes(n, training.colour, random)
    changes = [change.to(pixels.device) for change in drawn]
    across, down = _axes(maps, sides)
    changed = torch.empty((views, n, 3, *sides), device=pixels.device)
    at_once = CACHED if pixels.device.type == "cpu" else n
    for part in (slice(start, start + at_once) for start in range(0, n, at_once)):
        grid = (across[part] + down[part]).permute(0, 2, 3, 1)
        for view in range(views):
            images = pixels[view, part].movedim(-1, -3).float()
            moved = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
            colours = [change[part] for change in changes]
            _colour(moved, colours, training.scaling, changed[view, part])
    return changed


def _uniform(n: int, low: float, high: float, random: torch.Generator) -> Tensor:
    """Half of the values are drawn from the range; the other half is its neutral middle."""
    neutral = 1.0 if low > 0 else 0.0
    drawn = low + (high - low) * torch.rand(n, generator=random)
    return torch.where(torch.rand(n, generator=random) < 0.5, drawn, neutral)


def _affine_maps(n: int, training: Training, random: torch.Generator) -> Tensor:
    """Output to input coordinates for ``affine_grid``, (n, 2, 3)."""
    g = training.geometry
    angle = _uniform(n, -math.radians(3 * g), math.radians(3 * g), random)
    enlargement = _uniform(n, 1 - 0.1 * min(g, 4), 1 + 0.1 * g, random)
    enlargement = enlargement * _uniform(n, 1.0, 1 + 0.25 * g, random)
    shift = torch.stack([_uniform(n, -0.125 * g, 0.125 * g, random) for _ in range(2)], 1)
    mirrored = (torch.rand(n, generator=random) < 0.5) & training.flip
    side = torch.where(mirrored, -1.0, 1.0)
    cosine, sine = torch.cos(angle) / enlargement, torch.sin(angle) / enlargement
    top = torch.stack([side * cosine, -sine, shift[:, 0]], 1)
    bottom = torch.stack([side * sine, cosine, shift[:, 1]], 1)
    return torch.stack([top, bottom], 1)


def _axes(maps: Tensor, sides: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Where columns and rows of the output lie in the input, as ``grid_sample`` counts.

    (n, 2, 1, w) and (n, 2, h, 1): their sum is the grid that ``affine_grid`` gives.
    """
    h, w = ((torch.arange(side, device=maps.device) * 2 + 1) / side - 1 for side in sides)
    across, down, shift = maps.unsqueeze(2).unbind(3)
    return (across * w).unsqueeze(2), (down * h + shift).unsqueeze(3)


def _colour_changes(n: int, strength: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """A matrix for each image's colours, (n, 3, 3), and its contrast, (n, 1, 1)."""
    weak = 0.2 * min(strength, 4)
    brightness = _uniform(n, 1 - weak, 1 + weak, random)
    contrast = _uniform(n, 1 - weak, 1 + weak, random)
    saturation = _uniform(n, 1 - weak, 1 + weak, random)
    hue = _uniform(n, -math.radians(20 * strength), math.radians(20 * strength), random)
    yiq = torch.tensor(_YIQ)
    turned = torch.zeros(n, 3, 3)
    turned[:, 0, 0] = 1
    turned[:, 1, 1] = turned[:, 2, 2] = saturation * torch.cos(hue)
    turned[:, 1, 2] = -saturation * torch.sin(hue)
    turned[:, 2, 1] = saturation * torch.sin(hue)
    matrix = torch.linalg.inv(yiq) @ turned @ yiq
    return matrix * brightness.view(n, 1, 1), contrast.view(n, 1, 1)


def _colour(images: Tensor, changes: Sequence[Tensor], scaling: Scaling, into: Tensor) -> None:
    """Colours changed, clamped to what pixels can be and normalised, from values of 0 to 255.

    All but the clamping is linear, so each image passes through one product.
    """
    matrix, contrast = changes
    standard = _STANDARD[scaling]
    mean, deviation = images.new_tensor(standard).unsqueeze(2)  # (3, 1) each
    flat = images.flatten(2)
    grey = images.new_tensor(_GREY).view(1, 1, 3)
    level = grey @ matrix @ (flat.mean(2, keepdim=True) / 255)  # (n, 1, 1), of the whole image
    factor = contrast * matrix / (255 * deviation)
    shift = ((1 - contrast) * level - mean) / deviation
    torch.baddbmm(shift.expand(-1, 3, 1), factor, flat, out=into.view_as(flat))
    for channel, (middle, spread) in enumerate(zip(*standard, strict=True)):
        into[:, channel].clamp_(-middle / spread, (1 - middle) / spread)
