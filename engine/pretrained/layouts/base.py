"""What every layout of a weight file is: a translation of its names into ours."""

from abc import ABC, abstractmethod
from typing import ClassVar

from engine.plugins import find


class Layout(ABC):
    """One way to name tensors. Prefixes such as ``module.`` are gone before it is asked."""

    title: ClassVar[str]

    @staticmethod
    @abstractmethod
    def translated(name: str) -> str | None:
        """The name in the trunk of our network; nothing if this layout has no such name."""


def layouts() -> list[type[Layout]]:
    """Every layout there is."""
    return list(find(Layout, "engine.pretrained.layouts").values())
