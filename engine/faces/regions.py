"""The parts of a face, and what is known of them in one image."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure

Points = NDArray[np.float64]  # (n, 2): x and y in pixels; pixel centres are at .5
Regions = NDArray[np.uint8]  # (height, width), of ``Region``


class Region(IntEnum):
    """What a pixel shows; the values of a face's map of regions.

    Hair, glasses (their lenses too, if they are dark), neck, clothes and background are outside;
    ears are cheeks where an exact map shows them.
    """

    MASK = 0
    MOUTH = 1
    NOSE = 2
    CHEEKS = 3
    EYES = 4
    BROWS = 5
    FOREHEAD = 6
    OUTSIDE = 7

    @property
    def title(self) -> str:
        return self.name.lower()


UPPER = (Region.EYES, Region.BROWS, Region.FOREHEAD)  # what a mask leaves free


@dataclass(frozen=True)
class Face:
    """One image's regions, and the centres of its eyes, (2, 2), the one to the left first."""

    regions: Regions
    eyes: Points
    exact: bool  # else drawn from landmarks


class Unplaced(Failure):
    """The parts of this face cannot be told: the image is left out; others are not touched."""
