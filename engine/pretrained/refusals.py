"""Why a weight file cannot be used, and what would help in its case."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from engine.networks.base import Network, build, variants
from engine.pretrained.name_matching import NameReading, readings, trunk_of
from engine.pretrained.reading import Tensors

ENOUGH = 0.9  # of the trunk
NAMED = 3  # networks that would do


def refusal(network: Network, file: Path, best: NameReading, content: dict[str, Tensors]) -> str:
    """One sentence; empty for a file that can be used."""
    trunk = trunk_of(network)
    if best.share(trunk) < ENOUGH:
        return (
            f"The weights in {file} fill {int(100 * best.share(trunk))} % of the network's trunk "
            f"and {100 * ENOUGH:.0f} % are needed: {_advice(network, content)}."
        )
    first = next(iter(trunk))  # all that follows learnt to read what it makes of a face
    if first not in best.fitting(trunk):
        found = best.tensors[best.names[first]] if first in best.names else None
        return (
            f"The weights in {file} have no fitting first layer: {first} is {_describe(found)} and "
            f"{_describe(trunk[first])} is needed; use weights that were learnt from colour images "
            "by this very network."
        )
    if not all(_usable(name, best.tensors[best.names[name]]) for name in best.fitting(trunk)):
        return f"The weights in {file} hold values that are not numbers: use another file."
    return ""


def _advice(network: Network, content: dict[str, Tensors]) -> str:
    fitting = list(_fitting(network, content))
    if fitting:
        return f"choose the network that they were made for, such as {' or '.join(fitting)}"
    tensors = [(name, one) for held in content.values() for name, one in held.items()]
    if all(tensor.ndim < 3 for _, tensor in tensors):
        return (
            f"they hold no convolutions, only such as {tensors[0][0]}, so perhaps a head alone; "
            "give the file of the whole network"
        )
    return (
        f"no network here has their names and shapes, such as {tensors[0][0]} of "
        f"{_describe(tensors[0][1])}; give a file of one that it has"
    )


def _fitting(network: Network, content: dict[str, Tensors]) -> Iterator[str]:
    """Networks that the file would fill, at most ``NAMED``, those of the same kind first."""
    known = sorted(variants().items(), key=lambda item: not isinstance(network, item[1]))
    found = 0
    for name, _ in known:
        with torch.device("meta"):
            trunk = trunk_of(build(name))
        if any(one.share(trunk) >= ENOUGH for one in readings(trunk, content)):
            yield name
            found += 1
        if found == NAMED:
            return


def _usable(name: str, tensor: Tensor) -> bool:
    """Whether single precision holds its values, and no variance is negative."""
    values = tensor.float()
    finite = values.sum(dtype=torch.float64).isfinite()  # which takes a tenth of asking each
    return bool(finite) and not (name.endswith("running_var") and bool((values < 0).any()))


def _describe(tensor: Tensor | None) -> str:
    if tensor is None:
        return "missing"
    return " × ".join(str(side) for side in tensor.shape) or "one value"
