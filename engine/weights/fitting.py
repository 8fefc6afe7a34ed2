"""Find what of a weight file fits a network's trunk, report it, and put it there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.domain import Failure
from engine.networks.base import Network
from engine.weights.layouts.base import Layout, layouts
from engine.weights.reading import Tensors, read

ENOUGH = 0.9  # of the trunk
PREFIXES = (
    "module.",
    "backbone.",
    "features_extractor.",
    "feature_extractor.",
    "features.",
    "encoder.",
    "trunk.",
    "network.",
    "model.",
    "net.",
    "base.",
    "resnet.",
)
COUNTER = "num_batches_tracked"  # old files lack them, and nothing here reads them


@dataclass(frozen=True)
class Misfit:
    """A tensor of the right name and the wrong shape."""

    name: str
    needed: tuple[int, ...]
    found: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """What of a file fits a trunk. Names are the trunk's, but of ``left_out`` the file's."""

    file: str
    layout: str
    share: float  # of the trunk that is filled, by tensors or by values: the smaller of the two
    matched: tuple[str, ...]
    missing: tuple[str, ...]  # in the file
    mismatched: tuple[Misfit, ...]
    left_out: tuple[str, ...]  # such as heads: no place in the trunk


@dataclass(frozen=True)
class _Reading:
    """One way to understand a file."""

    layout: str
    tensors: Tensors
    names: dict[str, str]  # of the trunk to those of the file

    def fitting(self, trunk: Tensors) -> list[str]:
        """The names of the trunk that it fills."""
        return [
            name
            for name, given in self.names.items()
            if name in trunk and trunk[name].shape == self.tensors[given].shape
        ]


def examine(network: Network, file: Path) -> Report:
    """Compare without changing the network. Raises ``Failure`` for a file that cannot be read."""
    trunk = _trunk(network)
    return _report(file, trunk, _best(trunk, file))


def load(network: Network, file: Path) -> Report:
    """Fill the trunk in place. Raises ``Failure`` if less than ``ENOUGH`` of it would be filled."""
    trunk = _trunk(network)
    best = _best(trunk, file)
    report = _report(file, trunk, best)
    require(report)
    with torch.no_grad():
        for name in report.matched:
            trunk[name].copy_(_finite(best.tensors[best.names[name]], file))
    return report


def require(report: Report) -> None:
    """Raises ``Failure`` for a file that fills too little of a trunk."""
    sentence = refusal(report)
    if sentence:
        raise Failure(sentence)


def refusal(report: Report) -> str:
    """Why a file cannot be used; empty if it can."""
    if report.share >= ENOUGH:
        return ""
    return (
        f"The weights in {report.file} fill {int(100 * report.share)} % of the network's trunk and "
        f"{100 * ENOUGH:.0f} % are needed: choose the network that they were made for."
    )


def _trunk(network: Network) -> Tensors:
    """Its parameters and running statistics; they share the network's memory."""
    state = network.trunk.state_dict()
    return {name: value for name, value in state.items() if not name.endswith(COUNTER)}


def _best(trunk: Tensors, file: Path) -> _Reading:
    found = (reading for tensors in read(file).values() for reading in _readings(tensors))
    return max(found, key=lambda reading: len(reading.fitting(trunk)))


def _readings(tensors: Tensors) -> Iterator[_Reading]:
    """Under each layout, with ever more prefixes taken away."""
    stripped = {name: name for name in tensors if not name.endswith(COUNTER)}
    while True:
        for layout in layouts():
            yield _Reading(layout.title, tensors, _translated(stripped, layout))
        shorter = {given: _shorter(name) for given, name in stripped.items()}
        if shorter == stripped:
            return
        stripped = shorter


def _translated(stripped: dict[str, str], layout: type[Layout]) -> dict[str, str]:
    pairs = ((layout.translated(name), given) for given, name in stripped.items())
    return {name: given for name, given in pairs if name}


def _shorter(name: str) -> str:
    return next((name.removeprefix(p) for p in PREFIXES if name.startswith(p)), name)


def _report(file: Path, trunk: Tensors, best: _Reading) -> Report:
    matched = best.fitting(trunk)
    by_tensors = len(matched) / len(trunk)
    by_values = _size(trunk[name] for name in matched) / _size(trunk.values())
    misfits = [
        Misfit(name, tuple(trunk[name].shape), tuple(best.tensors[given].shape))
        for name, given in best.names.items()
        if name in trunk and name not in matched
    ]
    placed = {given for name, given in best.names.items() if name in trunk}
    return Report(
        file=str(file),
        layout=best.layout,
        share=min(by_tensors, by_values),
        matched=tuple(matched),
        missing=tuple(name for name in trunk if name not in best.names),
        mismatched=tuple(misfits),
        left_out=tuple(n for n in best.tensors if n not in placed and not n.endswith(COUNTER)),
    )


def _size(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)


def _finite(tensor: Tensor, file: Path) -> Tensor:
    if not tensor.isfinite().all():
        raise Failure(f"The weights in {file} hold values that are not numbers: use another file.")
    return tensor
