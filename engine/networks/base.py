"""What every network is: a trunk that turns faces into features, a head that names expressions."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from torch import Tensor, nn

from engine.domain import Expression
from engine.plugins import find

N_EXPRESSIONS = len(Expression)


class Network(nn.Module, ABC):
    """Takes whole faces, (n, 3, height, width), normalised."""

    variants: ClassVar[tuple[str, ...]]  # the names it answers to
    trunk: nn.Module  # what pretrained weights fill
    head: nn.Module  # its output is the logits

    @abstractmethod
    def features(self, images: Tensor) -> Tensor:
        """The numbers before the head, (n, d)."""

    def forward(self, images: Tensor) -> Tensor:
        """Logits, (n, 7)."""
        logits: Tensor = self.head(self.features(images))
        return logits

    @property
    @abstractmethod
    def heatmap_layer(self) -> nn.Module:
        """Where Grad-CAM looks."""

    def head_parameters(self) -> Iterator[nn.Parameter]:
        """All outside the trunk: they start from nothing and learn at the head's rate."""
        trunk = {id(parameter) for parameter in self.trunk.parameters()}
        return (parameter for parameter in self.parameters() if id(parameter) not in trunk)


def variants() -> dict[str, type[Network]]:
    """Every architecture by name, such as ``resnet18``."""
    found = find(Network, "engine.networks").values()
    return {name: network for network in found for name in network.variants}


def build(name: str) -> Network:
    """A network with random weights."""
    return variants()[name](name)


def _known(name: str) -> str:
    if name not in variants():
        raise ValueError(f"choose one of {', '.join(variants())}")
    return name


NetworkName = Annotated[
    str,
    AfterValidator(_known),
    Field(
        description="The architecture that is trained",
        json_schema_extra=lambda schema: schema.update(enum=list(variants())),
    ),
]
