"""Score-CAM's weights: how much a face says for an expression when one channel's map covers it.

Wang et al., CVPR workshops 2020, as pytorch-grad-cam computes it. Each map is stretched to 0..1
over the face and multiplied with it; the weight of its channel is the softmax, over channels, of
the logit. Where a network sees parts of a face, a channel covers the face with the maps of all its
parts, merged as its heatmaps are.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.base import Network

AT_ONCE = 32  # masked faces in one pass
SMALLEST = 1e-8  # in place of a flat map's range


def score_weights(
    network: Network, image: Tensor, activations: Tensor, target: int, pulse: Callable[[], None]
) -> Tensor:
    """One weight a channel, (c,), of one face's activations, (k, c, h, w).

    It costs one pass of ``network`` for each channel. ``pulse`` may raise between passes.
    """
    logits = []
    with torch.no_grad():
        for channels in torch.split(activations, AT_ONCE, dim=1):
            masked = image * _covers(network, channels, (image.shape[1], image.shape[2]))
            logits.append(network(masked)[:, target])
            pulse()
    return torch.cat(logits).softmax(0)


def _covers(network: Network, channels: Tensor, size: tuple[int, int]) -> Tensor:
    """Each channel's map over the face, from 0 to 1: (c, 1, height, width)."""
    merged = network.on_face(channels.flatten(0, 1), size)
    maps = F.interpolate(merged[:, None], size, mode="bilinear", align_corners=True)
    low, high = maps.amin((1, 2, 3), keepdim=True), maps.amax((1, 2, 3), keepdim=True)
    return (maps - low) / (high - low + SMALLEST)
