"""Losses and hits of an epoch, summed where they arise: reading them would stop a GPU each step."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Read:
    """Sums over the batches since the epoch began."""

    sums: dict[str, float]  # of each loss
    right: int  # training faces that were recognised
    seen: int


class EpochMetrics:
    """Starts from what a checkpoint kept of it, or from nothing."""

    def __init__(self, kept: Read | None = None) -> None:
        before = kept or Read({}, 0, 0)
        self._sums = {
            name: torch.tensor(value, dtype=torch.float64) for name, value in before.sums.items()
        }
        self._right = torch.tensor(before.right)
        self._seen = before.seen
        self._broken: dict[str, Tensor] = {}  # how often each loss was no finite number

    def add(self, losses: dict[str, Tensor], logits: list[Tensor], expressions: Tensor) -> None:
        """Each term, (), and how many faces ``logits``, (n, 7) or all views of n, got right."""
        for name, term in losses.items():
            value = term.detach().double()
            before = self._sums.get(name)
            self._sums[name] = value if before is None else before.to(value.device) + value
            broken = (~value.isfinite()).int()
            self._broken[name] = broken + self._broken.get(name, 0)
        n = len(expressions)
        for said in logits:
            if said.ndim == 2 and len(said) % n == 0:
                hits = said.argmax(1).view(-1, n) == expressions
                self._right = self._right.to(hits.device) + hits.sum()
                self._seen += hits.numel()

    @property
    def diverged(self) -> str:
        """The loss that ceased to be a finite number before all others; empty if none has."""
        counts = {name: int(count) for name, count in self._broken.items() if count}
        return max(counts, key=lambda name: counts[name], default="")

    def read(self) -> Read:
        sums = {name: float(value) for name, value in self._sums.items()}
        return Read(sums, int(self._right), self._seen)
