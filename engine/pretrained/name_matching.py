"""Every way in which the names of a weight file may be those of a network's trunk."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from engine.networks.base import Network
from engine.pretrained.layouts.base import layouts
from engine.pretrained.reading import Tensors

COUNTER = "num_batches_tracked"  # old files lack them, and nothing here reads them
WRAPPED = re.compile(r"(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
# A network that follows another one while both learn (MoCo's, BYOL's, a moving average), and the
# one of DINO's two that its authors do not use.
SECOND = re.compile(r"(?<![a-z])(k|key|momentum|target|ema|student)(?![a-z])")


@dataclass(frozen=True)
class NameReading:
    """One way to understand a file."""

    layout: str
    prefix: str
    tensors: Tensors
    names: dict[str, str]  # of the trunk to those of the file

    def fitting(self, trunk: Tensors) -> list[str]:
        """The names of the trunk that it fills."""
        return [
            name
            for name, given in self.names.items()
            if trunk[name].shape == self.tensors[given].shape
        ]

    def share(self, trunk: Tensors) -> float:
        """The share of the trunk that it fills, by tensors or by values: the smaller of the two."""
        filled = self.fitting(trunk)
        values = _size(trunk[name] for name in filled) / _size(trunk.values())
        return min(len(filled) / len(trunk), values)


def trunk_of(network: Network) -> Tensors:
    """Its parameters and running statistics; they share the network's memory."""
    state = network.trunk.state_dict()
    return {name: value for name, value in state.items() if not name.endswith(COUNTER)}


def readings(trunk: Tensors, content: dict[str, Tensors]) -> list[NameReading]:
    """Under each layout and every prefix after which a name of the trunk follows."""
    known = layouts()
    found: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for place, tensors in content.items():
        for given in tensors:
            for prefix, rest in _cuts(WRAPPED.sub("", given)):
                for layout in known:
                    name = layout.translated(rest)
                    if name in trunk:
                        found[layout.title, place, prefix][name] = given
    return [
        NameReading(layout, place + prefix, content[place], names)
        for (layout, place, prefix), names in found.items()
    ]


def _cuts(name: str) -> Iterator[tuple[str, str]]:
    """Every prefix that ends with a point, the empty one first, and what follows it."""
    yield "", name
    for point in re.finditer(r"\.", name):
        yield name[: point.end()], name[point.end() :]


def best_of(found: list[NameReading], trunk: Tensors) -> NameReading | None:
    """That which fills most; of equal ones the first, but none that follows another."""

    def rank(one: NameReading) -> tuple[int, int, bool]:
        return len(one.fitting(trunk)), len(one.names), not SECOND.search(one.prefix.lower())

    return max(found, key=rank, default=None)


def _size(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)
