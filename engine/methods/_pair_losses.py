"""Features and their distance: what methods compare that train on pairs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.experiment.experiment import option
from engine.networks.base import Network

Feature = Annotated[
    Literal["raw", "vector", "map"],
    option(
        "What is compared: the pooled vector as it is (raw: the paper's eq. 1 as printed), at unit "
        "length (vector), or the last map with each cell at unit length (map, as the released "
        "program does)"
    ),
]
Scale = Annotated[
    Literal["mean", "sum"],
    option(
        "Average the squared differences over the units (paper, eq. 1), or sum them, which makes "
        "the term as many times larger as a feature has units"
    ),
]
SoftmaxTwice = Annotated[
    bool,
    option(
        "Let the cross-entropy take a softmax of probabilities, as the released program does by "
        "mistake: its loss cannot fall below 1.165 and the trunk's gradients shrink"
    ),
]


class ViewOutputs(NamedTuple):
    """What a network makes of each view of a batch."""

    features: Tensor  # (views, n, d) or, of maps, (views, n, d, height, width)
    logits: Tensor  # (views, n, 7)


def unit_features(
    network: Network, images: Tensor, feature: Feature, apart: bool = False
) -> ViewOutputs:
    """All views pass at once, (views, n, 3, height, width): batch normalisation sees them all.

    ``apart`` lets each pass alone.
    """
    if apart:
        alone = [unit_features(network, view[None], feature) for view in images]
        return ViewOutputs(
            features=torch.cat([one.features for one in alone]),
            logits=torch.cat([one.logits for one in alone]),
        )
    views, n = images.shape[:2]
    with _outputs_of(network.heatmap_layer) as maps:
        pooled = network.features(images.flatten(0, 1))
    compared = maps[-1] if feature == "map" else pooled
    # A network that cuts its faces has one map a crop, crop by crop: (crops · views · n, …).
    parts = compared.float().reshape(-1, views, n, *compared.shape[1:]).movedim(1, 0).flatten(1, 2)
    logits: Tensor = network.head(pooled)
    return ViewOutputs(
        parts if feature == "raw" else F.normalize(parts, dim=2), logits.reshape(views, n, -1)
    )


def distance(features: Tensor, others: Tensor, scale: Scale) -> Tensor:
    """Eq. 1 of the MSD-E paper: squared differences, over d by ``scale``, averaged over the rest.

    Both are (n, d, …).
    """
    squared = (features - others).square()
    return squared.mean() if scale == "mean" else squared.sum(1).mean()


def recognition(logits: Tensor, expressions: Tensor, softmax_twice: bool) -> Tensor:
    """Eq. 2 of the MSD-E paper: cross-entropy, averaged over the batch. ``logits`` are (n, 7)."""
    said = logits.float()
    return F.cross_entropy(said.softmax(1) if softmax_twice else said, expressions)


@contextmanager
def _outputs_of(layer: nn.Module) -> Iterator[list[Tensor]]:
    outputs: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output))
    try:
        yield outputs
    finally:
        hook.remove()
