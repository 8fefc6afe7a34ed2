"""Losses and hits of an epoch, summed where they arise: reading them would stop a GPU each step."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.domain import Failure


@dataclass(frozen=True)
class Read:
    """Sums over the batches since the epoch began."""

    sums: dict[str, float]  # of each loss
    right: int  # training faces that were recognised
    seen: int


class Tally:
    """Starts from what a checkpoint kept of it, or from nothing."""

    def __init__(self, kept: Read | None = None) -> None:
        before = kept or Read({}, 0, 0)
        self._sums = {
            name: torch.tensor(value, dtype=torch.float64) for name, value in before.sums.items()
        }
        self._right = torch.tensor(before.right)
        self._seen = before.seen

    def add(self, losses: dict[str, Tensor], logits: list[Tensor], expressions: Tensor) -> None:
        """Each term, (), and how many faces ``logits``, (n, 7) or all views of n, got right."""
        for name, term in losses.items():
            value = term.detach().double()
            before = self._sums.get(name)
            self._sums[name] = value if before is None else before.to(value.device) + value
        n = len(expressions)
        for said in logits:
            if said.ndim == 2 and len(said) % n == 0:
                hits = said.argmax(1).view(-1, n) == expressions
                self._right = self._right.to(hits.device) + hits.sum()
                self._seen += hits.numel()

    def read(self) -> Read:
        """Raises ``Failure`` that names a loss which is no longer a number."""
        sums = {name: float(value) for name, value in self._sums.items()}
        wrong = [name for name, value in sums.items() if not math.isfinite(value)]
        if wrong:
            raise Failure(f"The loss “{wrong[0]}” is no longer a number: lower the learning rates.")
        return Read(sums, int(self._right), self._seen)
