"""Region attention (RAN): some crop of the face should outweigh the whole by a margin."""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch.nn.functional as F
from torch import Tensor

from engine.experiment.experiment import option
from engine.methods.base import MOST, Batch, Method
from engine.networks.ran import RAN


class RegionAttention(Method):
    """Wang et al., IEEE TIP 2020. The two images of a pair are plain images to it."""

    title = "Region attention (RAN)"
    trains_on = ("nm", "m", "mix", "pairs")
    network: RAN
    presets = {  # noqa: RUF012
        "paper": {"batch": 8},  # ResNet-50 on six crops of 224 px needs 0.3 to 0.6 GB a face
        "authors": {
            "network": "ran18",
            "margin": 0.1,
            "crops_apart": True,
            "batch": 128,
            "trunk_rate": 0.1,
            "head_rate": 0.1,
            "drops": (18, 30, 48),
            "flip": False,
            "colour": 0,
            "scaling": "unit",
        },
        "quick": {"network": "ran18"},
    }
    presets_say = {  # noqa: RUF012
        "authors": "Theirs for FERPlus: ResNet-18, rates of 0.1 divided by ten after 30, 50 and "
        "80 % of 60 epochs, batches of 128 (some 20 GB; fewer images need lower rates), values "
        "from 0 to 1, no augmentation. Left out: it starts from MS-Celeb-1M weights (“Start from”)"
    }

    @dataclass(frozen=True)
    class Settings:
        network: Annotated[
            Literal["ran18", "ran34", "ran50"],
            option(
                "The trunk that all six crops pass: ResNet-18, 34 or 50 "
                "(MSD-E paper: 50; RAN paper: 18)"
            ),
        ] = "ran50"
        margin: Annotated[
            float,
            option(
                "By how much the heaviest crop should outweigh the whole face; all six weights "
                "sum to 1 (0.02 is quoted for the RAN paper; its programs use 0.1 and 0.03)",
                ge=0,
                le=0.3,
            ),
        ] = 0.02
        region_biased: Annotated[
            float,
            option("Weight of the region-biased loss; 0 is off (its programs: 1)", ge=0, le=MOST),
        ] = 1.0
        whole_competes: Annotated[
            bool,
            option(
                "Let the whole face count as one of the crops and leave the last crop out, as a "
                "mistake in the public ResNet-50 program does"
            ),
        ] = False
        crops_apart: Annotated[
            bool,
            option(
                "Let batch normalisation see each of the six crops apart in training, as the "
                "public programs do"
            ),
        ] = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = RAN(settings.network, crops_apart=settings.crops_apart)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        views = len(batch.images)
        features, weights = self.network.attended(batch.images.flatten(0, 1))
        logits = self.network.head(features)
        rivals = weights[:, :-1] if self.settings.whole_competes else weights[:, 1:]
        lead = rivals.amax(1) - weights[:, 0]
        return {
            "recognition": F.cross_entropy(logits, batch.expressions.repeat(views)),
            "region_biased": self.settings.region_biased
            * F.relu(self.settings.margin - lead).mean(),
        }
