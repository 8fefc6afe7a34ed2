"""Look inside a network while it works, and leave it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn


@contextmanager
def still(network: nn.Module) -> Iterator[None]:
    """Evaluation mode, and no gradients of weights, which would cost most of the time."""
    training = [part for part in network.modules() if part.training]
    learning = [weights for weights in network.parameters() if weights.requires_grad]
    network.eval().requires_grad_(False)
    try:
        yield
    finally:
        for part in training:
            part.training = True
        for weights in learning:
            weights.requires_grad_(True)


@contextmanager
def listen(layer: nn.Module) -> Iterator[list[Tensor]]:
    """What the layer says; gradients of what follows go back as far as there."""
    said: list[Tensor] = []

    def keep(_layer: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        said.append(output.detach().requires_grad_())
        return said[-1].clone()  # what follows may change it in place

    hook = layer.register_forward_hook(keep)
    try:
        yield said
    finally:
        hook.remove()
