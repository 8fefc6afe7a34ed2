"""The one thing the training loop asks of a method."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from engine.experiment.experiment import TrainOn, load_settings
from engine.networks.base import Network, check_size
from engine.plugins import find, find_one

MOST = 1e6  # weight of a term


class Batch(NamedTuple):
    """Augmented faces with their truth."""

    images: Tensor  # (views, n, 3, height, width): one view, or each pair's non-masked and masked
    expressions: Tensor  # (n,) class indices


@dataclass(frozen=True)
class Needed:
    """A run that must be finished first: its network of a fold teaches the same fold here."""

    method: str
    train: TrainOn
    settings: Mapping[str, Any]  # those that are not the method's defaults


class Method(nn.Module, ABC):
    """A way to teach ``network``. Only the network is kept, tested and explained."""

    title: ClassVar[str]
    Settings: ClassVar[type]  # a frozen dataclass: it draws the form and the options
    trains_on: ClassVar[tuple[TrainOn, ...]]
    # Its own values of each preset, of ``Settings`` and of ``Training`` alike.
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    presets_say: ClassVar[Mapping[str, str]] = {}  # what a preset means for it and leaves out
    network: Network

    def __init__(self, settings: Any) -> None:
        super().__init__()
        self.settings = settings

    @abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Name every term. The loop minimises their sum and plots each of them."""

    @classmethod
    def check_size(cls, settings: Any, size: int) -> None:
        """Raise ``Failure`` if it cannot be trained on images of this side, in px."""
        check_size(settings.network, size)

    @classmethod
    def needs(cls, settings: Any) -> Needed | None:
        """The run that it learns from; most methods learn from the images alone."""
        return None

    def learn_from(self, teacher: Network) -> None:
        """Take the needed run's network of this fold, on this method's device, before training."""
        raise TypeError(f"{self.title} learns from no other network.")


def total(losses: Mapping[str, Tensor]) -> Tensor:
    """What is minimised: the sum of every term, ()."""
    return torch.stack([term.float() for term in losses.values()]).sum()


def methods() -> dict[str, type[Method]]:
    """Every method by name."""
    return find(Method, "engine.methods")


def method(name: str) -> type[Method]:
    """Raises ``Failure`` that lists the methods there are."""
    return find_one(name, Method, "engine.methods")


def build_method(name: str, settings: Mapping[str, object]) -> Method:
    """The method as an experiment names it, with new, random weights."""
    cls = method(name)
    return cls(load_settings(cls.Settings, settings))
