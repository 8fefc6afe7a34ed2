"""The heatmaps of one batch of faces: one pass forward, what the variant makes of it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.domain import Failure
from engine.explanation.cam.hooks import listen, still
from engine.explanation.cam.seen import Pulse, Seen
from engine.explanation.cam.variants import find_variant
from engine.networks.base import Network

_IMAGE = 4  # dimensions of activations


@dataclass(frozen=True)
class Lens:
    """What is read of a network, and how."""

    network: Network
    layer: str  # a name among its ``heatmap_layers``
    variant: str


@dataclass(frozen=True)
class BatchHeatmaps:
    """The maps of n faces; a network that sees k parts of each has k maps of each, part by part."""

    targets: Tensor  # (n,)
    probabilities: Tensor  # (n, 7)
    maps: Tensor  # (k·n, h, w), raw, never negative


def lens(network: Network, layer: str, variant: str) -> Lens:
    """``layer`` may be empty: the network's own. Raises ``Failure`` that lists the layers."""
    layers = network.heatmap_layers()
    if not layer:
        own = network.heatmap_layer
        layer = next(name for name, part in layers.items() if part is own)
    if layer not in layers:
        raise Failure(f"There is no layer “{layer}”: choose one of {', '.join(layers)}.")
    return Lens(network, layer, variant)


def explain(through: Lens, images: Tensor, targets: Tensor | None, pulse: Pulse) -> BatchHeatmaps:
    """Maps of what speaks for ``targets``, (n,), or for what the network says.

    ``images`` is (n, 3, height, width), normalised. ``pulse`` is called now and then and may raise.
    """
    network = through.network
    with still(network):
        with listen(network.heatmap_layers()[through.layer]) as said, torch.enable_grad():
            logits = network(images)
        activations = _single(said, through)
        wanted = logits.detach().argmax(1) if targets is None else targets.to(logits.device)
        score = logits.gather(1, wanted[:, None]).sum()
        seen = Seen(network, through.layer, images, wanted, activations, score, pulse)
        maps = find_variant(through.variant).maps(seen)
    probabilities = logits.detach().softmax(1)
    return BatchHeatmaps(wanted, probabilities, torch.from_numpy(maps).clamp(min=0))


def _single(said: list[Tensor], through: Lens) -> Tensor:
    if len(said) != 1 or said[0].ndim != _IMAGE:
        known = ", ".join(through.network.heatmap_layers())
        raise Failure(
            f"The layer “{through.layer}” gives no single map of a face: choose another of {known}."
        )
    return said[0]
