"""Regions of a face drawn from its 468 landmarks (places: the canonical model of FaceMesh)."""

import numpy as np
from PIL import Image, ImageDraw

from engine.domain import Region
from engine.faces.frame import below, centres, down
from engine.faces.regions import FaceRegions, Points, Regions

_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378,
         400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67,
         109)  # fmt: skip
_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_NOSE = (168, 417, 465, 412, 399, 420, 429, 279, 358, 327, 326, 2,
         97, 98, 129, 49, 209, 198, 174, 188, 245, 193)  # fmt: skip
_RIGHT_EYE = (247, 30, 29, 27, 28, 56, 190, 243, 112, 26, 22, 23, 24, 110, 25, 130)  # with its lids
_LEFT_EYE = (467, 260, 259, 257, 258, 286, 414, 463, 341, 256, 252, 253, 254, 339, 255, 359)
_RIGHT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
_LEFT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
_CORNERS = ((33, 133), (362, 263))  # of each eye
_BROW_ENDS = (70, 107, 336, 300)
_MASK = (5, 281, 420, 371, 266, 323, 361, 288, 397, 365, 379, 378, 400, 377,
         152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 36, 142, 198, 51)  # fmt: skip
_HAIRLINE = 1.8  # its height above the brows, in heights of the oval's top, which ends below it

_DRAWN = (  # later ones cover earlier ones
    (Region.NOSE, _NOSE),
    (Region.MOUTH, _LIPS),
    (Region.EYES, _RIGHT_EYE),
    (Region.EYES, _LEFT_EYE),
    (Region.BROWS, _RIGHT_BROW),
    (Region.BROWS, _LEFT_BROW),
)
_WORN = ((Region.MASK, _MASK),)


def eyes_of(mesh: Points) -> Points:
    """The eyes' centres, halfway between their corners, (2, 2), the one to the left first."""
    return np.stack([mesh[list(corners)].mean(axis=0) for corners in _CORNERS])


def draw_regions(mesh: Points, height: int, width: int, masked: bool) -> FaceRegions:
    """Regions from landmarks, (468, 2), in pixels of the image.

    The mask of a masked face is an approximation: from the middle of the nose and the cheekbones
    down to the chin. Hair that falls over the face and glasses are not seen.
    """
    eyes = eyes_of(mesh)
    canvas = Image.fromarray(_skin(mesh, eyes, height, width))
    pen = ImageDraw.Draw(canvas)
    for region, places in _DRAWN + (_WORN if masked else ()):
        _fill(pen, mesh[list(places)], region)
    return FaceRegions(np.array(canvas, dtype=np.uint8), eyes, exact=False)


def _skin(mesh: Points, eyes: Points, height: int, width: int) -> Regions:
    """Cheeks, forehead and what is outside."""
    brows = float(below(mesh[list(_BROW_ENDS)], eyes).mean())
    canvas = Image.new("L", (width, height), int(Region.OUTSIDE))
    _fill(ImageDraw.Draw(canvas), _raise_forehead(mesh[list(_OVAL)], eyes, brows), Region.CHEEKS)
    regions = np.array(canvas, dtype=np.uint8)
    high = below(centres(height, width), eyes) < brows
    regions[high & (regions == Region.CHEEKS)] = Region.FOREHEAD
    return regions


def _raise_forehead(oval: Points, eyes: Points, brows: float) -> Points:
    """The oval with its part above the brows stretched up to the hair."""
    above = np.minimum(below(oval, eyes) - brows, 0)
    return oval + (_HAIRLINE - 1) * above[:, None] * down(eyes)


def _fill(pen: ImageDraw.ImageDraw, outline: Points, region: Region) -> None:
    pen.polygon([(float(x), float(y)) for x, y in outline - 0.5], fill=int(region))
