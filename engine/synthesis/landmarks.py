"""Named points of the face, where they are in the picture whether or not they can be seen.

Right and left are the subject's, so that the right eye is in the left half of the picture.
"""

from functools import cache

import numpy as np

from engine.synthesis.geometry import Floats, Ints
from engine.synthesis.head import Head

# on the canonical head, the subject's left side
_SPOTS = {
    "left_eye_inner": (0.178, 7.280, 1.39),
    "left_eye_outer": (0.455, 7.304, 1.296),
    "left_brow_inner": (0.13, 7.46, 1.49),
    "left_brow_outer": (0.60, 7.455, 1.20),
    "mouth_left": (0.249, 6.625, 1.445),
}
_MIDDLE = {
    "nose_tip": (0, 6.898, 1.677),
    "upper_lip": (0, 6.677, 1.601),
    "lower_lip": (0, 6.508, 1.555),
    "chin": (0, 6.216, 1.442),
}


@cache
def _spots() -> dict[str, Floats]:
    mirror = np.array([-1, 1, 1])
    spots = {name: np.array(spot, dtype=np.float64) for name, spot in (_SPOTS | _MIDDLE).items()}
    other = {name.replace("left", "right"): spots[name] * mirror for name in _SPOTS}
    return dict(sorted((spots | other).items()))


def names() -> list[str]:
    return [*_spots(), "left_eye", "right_eye"]


def landmarks(head: Head, projected: Floats) -> dict[str, tuple[float, float]]:
    """Pixels of each named point; an eye's centre is halfway between its corners."""
    points = {name: projected[i, :2] for name, i in zip(_spots(), vertices(head), strict=True)}
    for side in ("left", "right"):
        points[f"{side}_eye"] = (points[f"{side}_eye_inner"] + points[f"{side}_eye_outer"]) / 2
    return {name: (float(x), float(y)) for name, (x, y) in points.items()}


def vertices(head: Head) -> Ints:
    """The fine vertices of the points, in the order of their names; none lies inside a socket."""
    skin = np.unique(head.triangles[head.outer])
    spots = np.stack(list(_spots().values()))
    away = ((head.canonical[skin][:, None] - spots[None]) ** 2).sum(2)
    return np.asarray(skin[away.argmin(0)])
