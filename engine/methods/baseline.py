"""Plain cross-entropy: the paper's NM, M and Mix, and what every other method is compared with."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from engine.methods.base import Batch, Method
from engine.networks.base import NetworkName, build


class Baseline(Method):
    """The two images of a pair are plain images to it."""

    title = "Baseline"
    trains_on = ("nm", "m", "mix", "pairs")

    @dataclass(frozen=True)
    class Settings:
        network: NetworkName = "resnet18"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = build(settings.network)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        logits = self.network(batch.images.flatten(0, 1))
        expressions = batch.expressions.repeat(len(batch.images))
        return {"recognition": F.cross_entropy(logits, expressions)}
