"""Score-CAM: a channel weighs what the face, covered by its map, says for the expression.

Wang et al., CVPR workshops 2020. Each map is stretched to 0..1 over the face and multiplied with
it; the weight of its channel is the softmax, over channels, of the logit. Where a network sees
parts of a face, a channel covers the face with the maps of all its parts, merged as its heatmaps
are. The class of pytorch-grad-cam holds all masked faces at once and knows no parts.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.explanation.cam.seen import Floats, Pulse, Seen, to_array
from engine.networks.base import Network

FACES_AT_ONCE = 1  # each is passed hundreds of times and counts as progress
MASKED_AT_ONCE = 32  # masked faces in one pass
SMALLEST = 1e-8  # in place of a flat map's range


def maps(seen: Seen) -> Floats:
    """Face by face."""
    images, activations = seen.images, seen.activations.detach()
    parts = activations.reshape(-1, len(images), *activations.shape[1:]).transpose(0, 1)
    weighed = []
    for image, of_face, target in zip(images, parts, seen.targets.tolist(), strict=True):
        weights = score_weights(seen.network, image, of_face, target, seen.pulse)
        weighed.append((weights[:, None, None] * of_face).sum(1))
    return to_array(torch.stack(weighed, 1).flatten(0, 1))


def score_weights(
    network: Network, image: Tensor, activations: Tensor, target: int, pulse: Pulse
) -> Tensor:
    """One weight a channel, (c,), of one face's activations, (k, c, h, w).

    It costs one pass of ``network`` for each channel. ``pulse`` may raise between passes.
    """
    logits = []
    with torch.no_grad():
        for channels in torch.split(activations, MASKED_AT_ONCE, dim=1):
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
