"""How scalp hair looks: the light on each strand, and the thinner hairs between those drawn."""

import numpy as np

from engine.synthesis.geometry import Floats, Mask, ramp, unit
from engine.synthesis.hair import Strands
from engine.synthesis.lighting import Rig
from engine.synthesis.scene import Shot

_EVERY = 3  # points of a strand that share one look at the light, which changes slowly


def strand_colours(strands: Strands, points: Floats, dye: Floats, shot: Shot, rig: Rig) -> Floats:
    """Linear RGB at each posed point, (n, 3); highlights after Kajiya and Kay (1989)."""
    tangent, normal = strands.tangents @ shot.pose.T, strands.normals @ shot.pose.T
    some = slice(None, None, _EVERY)
    aim = normal[some] * 0.6 + np.array([0, 0, 0.4])
    lit = rig.falling_on(points[some] + 0.05 * normal[some], aim, 0.10, 0.5)
    lit = np.repeat(lit, _EVERY, axis=0)[: len(points)]
    to_key = tangent @ unit(rig.directions[rig.key].mean(0))
    to_view = (tangent * unit(shot.camera.place - points)).sum(1)
    across = np.sqrt(np.clip(1 - to_key**2, 0, 1))
    mirrored = across * np.sqrt(np.clip(1 - to_view**2, 0, 1)) - to_key * to_view
    gleam = np.clip(mirrored, 0, 1) ** 26 * np.clip(lit.mean(1), 0, 1.2) * 0.38
    matt = dye * ((0.55 + 0.45 * across) * 1.25)[:, None] * lit
    shine = (0.05 + 0.3 * dye) * gleam[:, None]
    return np.asarray(np.clip((matt + shine) * strands.tints[:, None], 0, 2))


def close_gaps(image: Floats, before: Floats, cover: Floats, behind: Mask, reach: float) -> Floats:
    """Fill what shows of the background between strands with the colour of those around.

    ``before`` is the image without the hair, ``cover`` (h, w) how much of it the strands hide.
    Returns how dense the hair is at each pixel, (h, w).
    """
    from scipy.ndimage import gaussian_filter

    around = (2 * reach, 2 * reach, 0)
    dense = np.asarray(gaussian_filter(cover[..., None], around))
    drawn = gaussian_filter(image - before * (1 - cover)[..., None], around)
    gaps = ramp(0.3, 0.6, dense[..., 0]) * (1 - cover) * behind
    image += (drawn / np.maximum(dense, 1e-4) - before) * gaps[..., None]
    return dense[..., 0]
