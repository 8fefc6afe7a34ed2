"""SCAN-CCI: the patches and each quarter of the face must all recognise the expression."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.domain import Failure
from engine.experiment.experiment import option
from engine.methods.base import MOST, Batch, Method
from engine.networks.scan import REGIONS, SCAN, SWAPPED


class PatchAttention(Method):
    """Gera and Balasubramanian, 2021. The two images of a pair are plain images to it."""

    title = "Patch attention (SCAN-CCI)"
    trains_on = ("nm", "m", "mix", "pairs")
    network: SCAN
    presets = {  # noqa: RUF012
        "authors": {
            "network": "scan-shared",
            "swapped_bottom": True,
            "freeze_statistics": True,
            "batch": 64,
            "trunk_rate": 1e-4,
            "head_rate": 1e-2,
            "drops": (),
            "rate_decay": 0.95,
            "weight_decay": 1e-3,
            "balanced": True,
            "colour": 1.5,
            "scaling": "half",
        },
        "quick": {"network": "scan18", "trunk_rate": 5e-4, "head_rate": 1e-4},
    }
    presets_say = {  # noqa: RUF012
        "authors": "Theirs for RAF-DB: one shared gate, rates of 1e-4 (trunk) and 1e-2 (branches) "
        "times 0.95 every epoch, weight decay of 1e-3, 60 epochs, batches of 64 (some 7 GB), "
        "balanced sampling, two mistakes. Left out: it starts from VGGFace2 weights (“Start "
        "from”), and its colour jitter has a range of its own for each of brightness, contrast, "
        "saturation and hue; ours have one strength and change half of the images"
    }
    evaluated: Tensor

    @dataclass(frozen=True)
    class Settings:
        network: Annotated[
            Literal["scan", "scan-shared", "scan18", "scan18-shared"],
            option(
                "One gate per patch (MSD-E paper) or one shared by all (released program for "
                "RAF-DB); scan18 has the trunk of ResNet-18 and is ours, for small machines"
            ),
        ] = "scan"
        attention: Annotated[
            float, option("Weight of the patches' cross-entropy (SCAN paper: 0.2)", ge=0, le=MOST)
        ] = 0.2
        region: Annotated[
            float,
            option(
                "Weight of the four quarters' summed cross-entropy (SCAN paper: 0.8)",
                ge=0,
                le=MOST,
            ),
        ] = 0.8
        swapped_bottom: Annotated[
            bool,
            option(
                "Cut the four bottom patches with swapped axes, as the released program does by "
                "mistake; needs a size of 224 px"
            ),
        ] = False
        freeze_statistics: Annotated[
            bool,
            option(
                "Keep the statistics of batch normalisation after the first epoch, as the released "
                "program does by never leaving evaluation mode"
            ),
        ] = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = SCAN(settings.network, settings.swapped_bottom)
        self.register_buffer("evaluated", torch.tensor(False))

    @classmethod
    def check_size(cls, settings: Settings, size: int) -> None:
        super().check_size(settings, size)
        if settings.swapped_bottom and size % SWAPPED:
            raise Failure(
                f"SCAN with swapped_bottom cannot be trained at {size} px: choose {SWAPPED} px, or "
                "swapped_bottom=false."
            )

    def train(self, mode: bool = True) -> Self:
        """The loop evaluates after each epoch; from then on statistics may have to stay."""
        if not mode:
            self.evaluated.fill_(True)
        return super().train(mode and not (self.settings.freeze_statistics and self.evaluated))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        images = batch.images.flatten(0, 1)
        expressions = batch.expressions.repeat(len(batch.images))
        features = self.network.features(images)
        with torch.no_grad():
            self.network.head(features)  # the loop reads the training accuracy from the head
        logits = self.network.head.branches(features)
        patches, regions = logits[:, 0], logits[:, 1:]
        summed = REGIONS * F.cross_entropy(
            regions.flatten(0, 1), expressions.repeat_interleave(REGIONS)
        )
        return {
            "attention": self.settings.attention * F.cross_entropy(patches, expressions),
            "region": self.settings.region * summed,
        }
