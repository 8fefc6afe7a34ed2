"""What one pass of faces through a network leaves to compute heatmaps from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.networks.base import Network

Pulse = Callable[[], None]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """Of n faces; a network that sees k parts of each has k·n activations, part by part."""

    network: Network
    layer: str  # whose output the activations are
    images: Tensor  # (n, 3, height, width), normalised
    targets: Tensor  # (n,): the expressions to explain
    activations: Tensor  # (k·n, c, h, w)
    score: Tensor  # the sum of the targets' logits
    pulse: Pulse  # to be called now and then in long work; may raise

    @cached_property
    def gradients(self) -> Tensor:
        """Of the score, (k·n, c, h, w): one pass back as far as the layer."""
        return torch.autograd.grad(self.score, self.activations)[0]

    def arrays(self) -> tuple[Floats, Floats]:
        """Activations and gradients."""
        return to_array(self.activations), to_array(self.gradients)


def to_array(values: Tensor) -> Floats:
    return np.asarray(values.detach().float().cpu().numpy())
