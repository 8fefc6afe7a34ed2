"""Knowledge distillation: masked or not, the student should see what its teacher sees non-masked.

The teacher is a finished baseline of the *same* fold, trained on non-masked images: one teacher
for all folds would have seen the subjects that its students are tested on.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
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
from engine.methods.base import MOST, Batch, Method, Needed
from engine.networks.base import Network, NetworkName, build


class Teacher:
    """A trained network that only answers.

    It is no module: training mode, optimiser, checkpoint and saved weights do not reach it.
    """

    def __init__(self, network: Network) -> None:
        self._network = network.eval().requires_grad_(False)

    def features(self, images: Tensor, feature: Feature) -> Tensor:
        """Those of one view, (n, 3, height, width), as ``unit_features`` has them: (n, d, …)."""
        with torch.no_grad():
            return unit_features(self._network, images.unsqueeze(0), feature).features[0]


class Distillation(Method):
    """Eq. 4 of the MSD-E paper, with the constants of template-level distillation (MaskInv)."""

    title = "Knowledge distillation (KD)"
    trains_on = ("pairs",)
    presets = {  # noqa: RUF012
        "released": {
            "network": "msde18",
            "feature": "map",
            "softmax_twice": True,
            "trunk_rate": 1e-2,
            "head_rate": 1e-2,
        },
    }

    presets_say = {  # noqa: RUF012
        "paper": "Features are compared raw, as eq. 1 is printed. With λ = 100 the term's gradient "
        "at the trunk is 13 to 54 times the cross-entropy's, and students of the sample study "
        "still learn more than with features of unit length, where λ comes from (MaskInv)",
        "released": "Left out: its overlapping folds, its own ranges of colours (ours are close), "
        "and its teacher, one network of RAF-DB for all folds: here each fold's is a baseline on "
        "its non-masked images under the preset paper",
    }

    @dataclass(frozen=True)
    class Settings:
        network: NetworkName = "resnet18"
        feature_weight: Annotated[
            float,
            option(
                "Weight of the distance to the teacher's feature, λ (paper: 100)", ge=0, le=MOST
            ),
        ] = 100.0
        non_masked_share: Annotated[
            float,
            option(
                "How often the student sees the non-masked image of a pair, the very picture that "
                "its teacher sees (paper: 0.5)",
                ge=0,
                le=1,
            ),
        ] = 0.5
        both: Annotated[
            bool,
            option(
                "Show the student both images of a pair in each step. Off, as in the paper, it "
                "sees one of them: half as many images in an epoch as other methods on pairs"
            ),
        ] = False
        feature: Feature = "raw"
        scale: Scale = "mean"
        softmax_twice: SoftmaxTwice = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = build(settings.network)
        self._teacher: Teacher | None = None

    @classmethod
    def needs(cls, settings: Settings) -> Needed:
        return Needed("baseline", "nm", {"network": settings.network})

    def learn_from(self, teacher: Network) -> None:
        self._teacher = Teacher(teacher)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        if self._teacher is None:
            raise TypeError("A student without a teacher: call learn_from first.")
        chosen: Distillation.Settings = self.settings
        taught = self._teacher.features(batch.images[0], chosen.feature)
        shown = batch.images if chosen.both else self._drawn(batch.images)
        features, logits = unit_features(self.network, shown, chosen.feature)
        expressions = batch.expressions.repeat(len(shown))
        return {
            "recognition": recognition(logits.flatten(0, 1), expressions, chosen.softmax_twice),
            "feature": chosen.feature_weight
            * distance(features.flatten(0, 1), torch.cat([taught] * len(shown)), chosen.scale),
        }

    def _drawn(self, images: Tensor) -> Tensor:
        """One of each pair's two images, (1, n, 3, height, width)."""
        drawn = torch.rand(images.shape[1]) < self.settings.non_masked_share
        return torch.where(drawn.to(images.device).view(-1, 1, 1, 1), images[0], images[1])[None]
