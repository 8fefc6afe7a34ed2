"""What every network is: a trunk that turns faces into features, a head that names expressions."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from torch import Tensor, nn

from engine.domain import Expression
from engine.plugins import find

N_EXPRESSIONS = len(Expression)
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of red, green and blue in 0..1
IMAGENET_SD = (0.229, 0.224, 0.225)


class Network(nn.Module, ABC):
    """Takes whole faces, (n, 3, height, width), normalised."""

    variants: ClassVar[tuple[str, ...]]  # the names that are offered
    trunk: nn.Module  # what pretrained weights fill
    head: nn.Module  # its output is the logits

    @classmethod
    def answers_to(cls, name: str) -> bool:
        """Whether ``name`` is one of its variants. Raises ``ValueError`` for one it cannot make."""
        return name in cls.variants

    @classmethod
    def check_size(cls, name: str, size: int) -> None:
        """Raise ``Failure`` if the variant cannot be trained on images of this side, in px."""

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

    @property
    def heatmap_note(self) -> str:
        """What one must know to read its heatmaps, as part of a sentence; often nothing."""
        return ""

    def heatmap_layers(self) -> dict[str, nn.Module]:
        """Where Grad-CAM can look: the trunk, its stages and their blocks, by name."""
        stages = {f"trunk.{name}": stage for name, stage in self.trunk.named_children()}
        blocks = {
            f"{name}.{number}": block
            for name, stage in stages.items()
            if isinstance(stage, nn.Sequential)
            for number, block in stage.named_children()
        }
        return {"trunk": self.trunk, **stages, **blocks}

    def on_face(self, maps: Tensor, size: tuple[int, int]) -> Tensor:
        """Heatmaps of a layer, (k·n, h, w), as those of n whole faces.

        A network whose trunk sees k parts of a face merges them to ``size``, height and width.
        """
        return maps

    def head_parameters(self) -> Iterator[nn.Parameter]:
        """All outside the trunk: they start from nothing and learn at the head's rate."""
        trunk = {id(parameter) for parameter in self.trunk.parameters()}
        return (parameter for parameter in self.parameters() if id(parameter) not in trunk)


def variants() -> dict[str, type[Network]]:
    """Every architecture by name, such as ``resnet18``."""
    found = find(Network, "engine.networks").values()
    return {name: network for network in found for name in network.variants}


def build(name: str) -> Network:
    """A network with random weights. Raises ``ValueError`` that lists the names there are."""
    return _class_of(name)(name)


def check_size(name: str, size: int) -> None:
    """Raise ``Failure`` if the network cannot be trained on images of this side, in px."""
    _class_of(name).check_size(name, size)


def check_name(name: str) -> str:
    """The name itself. Raises ``ValueError`` that lists the names there are."""
    _class_of(name)
    return name


def _class_of(name: str) -> type[Network]:
    for network in find(Network, "engine.networks").values():
        if network.answers_to(name):
            return network
    raise ValueError(f"choose one of {', '.join(variants())}")


NetworkName = Annotated[
    str,
    AfterValidator(check_name),
    Field(
        description="The architecture that is trained",
        json_schema_extra=lambda schema: schema.update(examples=list(variants())),
    ),
]
