"""The heatmaps of one batch of faces: one pass forward, one back as far as the layer.

Grad-CAM++, HiRes-CAM and Layer-CAM are computed by the classes of pytorch-grad-cam from the
activations and gradients of the whole batch. Its import costs a second, for scikit-learn and
matplotlib, which the first heatmap need not wait for: plain Grad-CAM is done here. Its Eigen-CAM
computes every right singular vector to use the first, and its Score-CAM holds all masked faces of a
batch at once and knows no crops; the same sums are done here in other ways.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.domain import Failure
from engine.explanation.cam.hooks import listen, still
from engine.explanation.cam.scorecam import score_weights
from engine.networks.base import Network

CLASSES = {  # of pytorch-grad-cam
    "gradcam++": "GradCAMPlusPlus",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
}
Pulse = Callable[[], None]
Floats = NDArray[np.float32]
ROUNDING = 1e-5  # of the terms of a sum: less is left of them by rounding alone
_IMAGE, _SPATIAL = 4, 2  # dimensions of activations, and of one map


@dataclass(frozen=True)
class Lens:
    """What is read of a network, and how."""

    network: Network
    layer: str  # a name among its ``heatmap_layers``
    variant: str


@dataclass(frozen=True)
class Explained:
    """Of n faces; a network that sees k parts of each has k maps of each, part by part."""

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


def explain(through: Lens, images: Tensor, targets: Tensor | None, pulse: Pulse) -> Explained:
    """Maps of what speaks for ``targets``, (n,), or for what the network says.

    ``images`` is (n, 3, height, width), normalised. ``pulse`` is called now and then and may raise.
    """
    network = through.network
    with still(network):
        with listen(network.heatmap_layers()[through.layer]) as said, torch.enable_grad():
            logits = network(images)
        activations = _single(said, through)
        wanted = logits.detach().argmax(1) if targets is None else targets.to(logits.device)
        if through.variant == "eigencam":
            maps = _principal(_array(activations))
        elif through.variant == "scorecam":
            maps = _score_channels(network, images, activations.detach(), wanted, pulse)
        else:
            maps = _weigh(through, activations, logits.gather(1, wanted[:, None]).sum())
    probabilities = logits.detach().softmax(1)
    return Explained(wanted, probabilities, torch.from_numpy(maps).clamp(min=0))


def _single(said: list[Tensor], through: Lens) -> Tensor:
    if len(said) != 1 or said[0].ndim != _IMAGE:
        known = ", ".join(through.network.heatmap_layers())
        raise Failure(
            f"The layer “{through.layer}” gives no single map of a face: choose another of {known}."
        )
    return said[0]


def _weigh(through: Lens, activations: Tensor, score: Tensor) -> Floats:
    (gradients,) = torch.autograd.grad(score, activations)
    if through.variant == "gradcam":
        weights = gradients.mean((2, 3), keepdim=True)
        return _array((weights * activations).sum(1))
    import pytorch_grad_cam as library  # type: ignore[import-untyped, unused-ignore]

    cam = getattr(library, CLASSES[through.variant])(through.network, [])  # no layer, no hook
    arrays = _array(activations), _array(gradients)
    if through.variant == "hirescam":
        _check_sum(arrays[0] * arrays[1], through)
    return np.asarray(cam.get_cam_image(None, None, None, *arrays, False), dtype=np.float32)


def _check_sum(products: Floats, through: Lens) -> None:
    """Raise ``Failure`` if the products cancel out in every cell: what is left is rounding."""
    left, size = np.abs(products.sum(1)).max(), np.abs(products).sum(1).max()
    if left <= ROUNDING * size:
        raise Failure(
            f"HiRes-CAM shows nothing but rounding in {through.layer}: its sums cancel out in each "
            "cell, as wherever cells are scaled to unit length next. Choose another layer, or "
            "Grad-CAM."
        )


def _principal(activations: Floats) -> Floats:
    """Each map's cells along the first principal component of their channels."""
    cells = activations.reshape(*activations.shape[:2], -1).swapaxes(1, 2)
    centred = cells - cells.mean(axis=1, keepdims=True)
    first = np.linalg.svd(centred, full_matrices=False)[2][:, 0, :, None]
    shape = (len(activations), *activations.shape[-_SPATIAL:])
    return np.asarray(centred @ first, dtype=np.float32).reshape(shape)


def _score_channels(
    network: Network, images: Tensor, activations: Tensor, targets: Tensor, pulse: Pulse
) -> Floats:
    """Score-CAM, face by face; activations are those of k parts of each face, part by part."""
    parts = activations.reshape(-1, len(images), *activations.shape[1:]).transpose(0, 1)
    weighed = []
    for image, of_face, target in zip(images, parts, targets.tolist(), strict=True):
        weights = score_weights(network, image, of_face, target, pulse)
        weighed.append((weights[:, None, None] * of_face).sum(1))
    return _array(torch.stack(weighed, 1).flatten(0, 1))


def _array(values: Tensor) -> Floats:
    return np.asarray(values.detach().float().cpu().numpy())
