"""Find what of a weight file fits a network's trunk, report it, and put it there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.domain import Failure
from engine.networks.base import Network
from engine.pretrained.name_matching import COUNTER, NameReading, best_of, readings, trunk_of
from engine.pretrained.reading import Tensors, read
from engine.pretrained.refusals import refusal


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
    prefix: str = ""  # before the file's names, with the mappings that they are in
    others: tuple[str, ...] = ()  # prefixes under which as much would fit
    refusal: str = ""  # why the file cannot be used


@dataclass(frozen=True)
class Fitted:
    """What of a file fits a trunk, with the tensors that would fill it."""

    report: Report
    tensors: Tensors  # by the trunk's names


def examine(network: Network, file: Path) -> Report:
    """Compare without changing the network. Raises ``Failure`` for a file that cannot be read."""
    return fit(network, file).report


def load(network: Network, file: Path) -> Report:
    """Fill the trunk in place. Raises ``Failure`` for a file that is to be refused."""
    found = fit(network, file)
    require(found.report)
    trunk = trunk_of(network)
    with torch.no_grad():
        for name, tensor in found.tensors.items():
            trunk[name].copy_(tensor)
    return found.report


def require(report: Report) -> None:
    """Raises ``Failure`` for a file that cannot be used."""
    if report.refusal:
        raise Failure(report.refusal)


def fit(network: Network, file: Path) -> Fitted:
    """The best reading of a file. Raises ``Failure`` for one that cannot be read."""
    trunk, content = trunk_of(network), read(file)
    found = readings(trunk, content)
    prefix, tensors = next(iter(content.items()))
    best = best_of(found, trunk) or NameReading("none", prefix, tensors, {})
    matched = best.fitting(trunk)
    others = [one.prefix for one in found if len(one.fitting(trunk)) == len(matched) > 0]
    placed = set(best.names.values())
    report = Report(
        file=str(file),
        layout=best.layout,
        share=best.share(trunk),
        matched=tuple(matched),
        missing=tuple(name for name in trunk if name not in best.names),
        mismatched=tuple(_misfits(trunk, best, set(matched))),
        left_out=tuple(n for n in best.tensors if n not in placed and not n.endswith(COUNTER)),
        prefix=best.prefix,
        others=tuple(dict.fromkeys(one for one in others if one != best.prefix)),
        refusal=refusal(network, file, best, content),
    )
    return Fitted(report, {name: best.tensors[best.names[name]] for name in matched})


def _misfits(trunk: Tensors, best: NameReading, matched: set[str]) -> Iterator[Misfit]:
    for name, given in best.names.items():
        if name not in matched:
            yield Misfit(name, tuple(trunk[name].shape), tuple(best.tensors[given].shape))
