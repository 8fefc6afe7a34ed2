"""Regions of a rendered face, from its exact map and landmarks (see ``resources/sample``)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.data.images import MOST, Unreadable, open_image
from engine.data.sample_study import region_map, truth
from engine.domain import Region, Sample
from engine.faces.frame import below, centres
from engine.faces.regions import FaceRegions, Points, Regions
from engine.store.files import read_bytes

EYES = ("right_eye", "left_eye")  # the subject's: the right one is to the left
BROWS = ("right_brow_outer", "right_brow_inner", "left_brow_inner", "left_brow_outer")
_SKIN = 1  # in the file, like the places in this row
_OF = np.array(
    [
        Region.OUTSIDE,  # background
        Region.CHEEKS,  # skin, until forehead and neck are told apart
        Region.EYES,
        Region.BROWS,
        Region.NOSE,
        Region.MOUTH,
        Region.MASK,
        Region.OUTSIDE,  # hair
        Region.OUTSIDE,  # glasses
        Region.OUTSIDE,  # clothes
    ],
    dtype=np.uint8,
)
# The lower outline of a face: a superellipse from the eyes' line to the chin.
_HALF_WIDTH = 1.15  # in eye distances
_LENGTH = 1.8  # from eyes to chin, in eye distances, of a face that looks straight ahead
_ROUND = 2.5
_JAW = 0.5  # of the way from the eyes to the chin: the neck is never above


def exact(sample: Sample) -> FaceRegions | None:
    """Nothing if the sample has no map or its labels tell no landmarks. Raises ``Unreadable``."""
    file, labels = region_map(sample), truth(sample)
    if file is None or not labels.get("chin_x"):
        return None
    try:
        with open_image(read_bytes(file, MOST), ("PNG",)) as picture:
            shown = np.asarray(picture, dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise Unreadable(file, "is not a map of regions") from error
    if shown.ndim != 2 or shown.max() >= len(_OF):
        raise Unreadable(file, "is not a map of regions")
    eyes = np.stack([_landmark(labels, name) for name in EYES])
    brows = np.stack([_landmark(labels, name) for name in BROWS])
    regions = _split_skin(shown, eyes, brows, _landmark(labels, "chin"))
    return FaceRegions(regions, eyes, exact=True)


def _split_skin(shown: Regions, eyes: Points, brows: Points, chin: Points) -> Regions:
    """Skin is forehead above the brows, outside on the neck, cheeks elsewhere."""
    places = centres(*shown.shape)
    regions: Regions = _OF[shown]
    skin = shown == _SKIN
    regions[skin & (below(places, eyes) < below(brows, eyes).mean())] = Region.FOREHEAD
    regions[skin & _neck(places, eyes, chin)] = Region.OUTSIDE
    return regions


def _neck(places: Points, eyes: Points, chin: Points) -> NDArray[np.bool_]:
    """What is below the outline of the jaw."""
    axis = chin - eyes.mean(axis=0)
    length = float(np.hypot(*axis))
    apart = max(
        float(np.hypot(*(eyes[1] - eyes[0]))), length / _LENGTH
    )  # a turned face is no narrower
    away = places - eyes.mean(axis=0)
    down = away @ axis / length**2
    side = np.abs(away @ np.array([-axis[1], axis[0]])) / (length * apart * _HALF_WIDTH)
    outside = side**_ROUND + np.maximum(down, 0) ** _ROUND > 1
    return np.asarray((down > _JAW) & outside)


def _landmark(labels: Mapping[str, str], name: str) -> Points:
    return np.array([float(labels[f"{name}_{axis}"]) for axis in "xy"])
