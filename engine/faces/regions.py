"""The parts of a face, and what is known of them in one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure

Points = NDArray[np.float64]  # (n, 2): x and y in pixels; pixel centres are at .5
Regions = NDArray[np.uint8]  # (height, width), of ``Region``


@dataclass(frozen=True)
class FaceRegions:
    """One image's regions, and the centres of its eyes, (2, 2), the one to the left first."""

    regions: Regions
    eyes: Points
    exact: bool  # else drawn from landmarks


class Unplaced(Failure):
    """The parts of this face cannot be told: the image is left out; others are not touched."""
