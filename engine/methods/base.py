"""The one thing the training loop asks of a method."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from torch import Tensor, nn

from engine.experiment import TrainOn
from engine.networks.base import Network
from engine.plugins import find, named


class Batch(NamedTuple):
    """Augmented faces with their truth."""

    images: Tensor  # (views, n, 3, height, width): one view, or each pair's non-masked and masked
    expressions: Tensor  # (n,) class indices


class Method(nn.Module, ABC):
    """A way to teach ``network``. Only the network is kept, tested and explained."""

    title: ClassVar[str]
    Settings: ClassVar[type]  # a frozen dataclass: it draws the form and the options
    trains_on: ClassVar[tuple[TrainOn, ...]]
    network: Network

    def __init__(self, settings: Any) -> None:
        super().__init__()
        self.settings = settings

    @abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Name every term. The loop minimises their sum and plots each of them."""


def methods() -> dict[str, type[Method]]:
    """Every method by name."""
    return find(Method, "engine.methods")


def method(name: str) -> type[Method]:
    """Raises ``Failure`` that lists the methods there are."""
    return named(name, Method, "engine.methods")
