"""Contrastive learning: the two images of a pair should look alike to the network."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor

from engine.experiment.experiment import option
from engine.methods._pair_losses import (
    Feature,
    Scale,
    SoftmaxTwice,
    distance,
    recognition,
    unit_features,
)
from engine.methods.base import MOST, Batch, Method
from engine.networks.base import NetworkName, build


class Contrastive(Method):
    """Eq. 1 to 3 of the MSD-E paper; one head for both images."""

    title = "Contrastive learning (CL)"
    trains_on = ("pairs",)
    presets = {  # noqa: RUF012
        "released": {
            "network": "msde18",
            "feature": "map",
            "softmax_twice": True,
            "views_apart": True,
            "feature_weight": 1.0,
        },
        "alt": {"feature_weight": 1.0, "non_masked_weight": 0.2, "masked_weight": 1.0},
    }

    presets_say = {  # noqa: RUF012
        "paper": "Features are compared raw, as eq. 1 is printed: at unit length the term's "
        "gradient at the trunk is some 0.01 % of the cross-entropy's, so the method would be "
        "plain training on pairs",
        "released": "Left out: its overlapping folds, its own ranges of colours (ours are close), "
        "the MS-Celeb-1M weights that it starts from (“Start from”)",
    }

    @dataclass(frozen=True)
    class Settings:
        network: NetworkName = "resnet18"
        feature_weight: Annotated[
            float,
            option(
                "Weight of the distance between the two images' features (paper: 0.2; the released "
                "program's default: 1)",
                ge=0,
                le=MOST,
            ),
        ] = 0.2
        non_masked_weight: Annotated[
            float,
            option(
                "Weight of the non-masked images' cross-entropy (paper and released program: 1; "
                "the paper's text can also be read as 0.2: preset alt)",
                ge=0,
                le=MOST,
            ),
        ] = 1.0
        masked_weight: Annotated[
            float, option("Weight of the masked images' cross-entropy (paper: 1)", ge=0, le=MOST)
        ] = 1.0
        feature: Feature = "raw"
        scale: Scale = "mean"
        softmax_twice: SoftmaxTwice = False
        views_apart: Annotated[
            bool,
            option(
                "Let batch normalisation see non-masked and masked images apart in training, as "
                "the released program does"
            ),
        ] = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = build(settings.network)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        chosen: Contrastive.Settings = self.settings
        features, logits = unit_features(
            self.network, batch.images, chosen.feature, chosen.views_apart
        )
        non_masked, masked = (
            recognition(said, batch.expressions, chosen.softmax_twice) for said in logits
        )
        return {
            "non_masked": chosen.non_masked_weight * non_masked,
            "masked": chosen.masked_weight * masked,
            "feature": chosen.feature_weight * distance(features[0], features[1], chosen.scale),
        }
