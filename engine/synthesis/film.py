"""From linear light to the picture that a camera would have stored."""

import numpy as np
from numpy.typing import NDArray

from engine.synthesis.geometry import Floats
from engine.synthesis.scene import Shot


def develop(
    light: Floats, shot: Shot, samples: int, draw: np.random.Generator
) -> NDArray[np.uint8]:
    """``light`` (h·samples, w·samples, 3) -> (h, w, 3) uint8: lens, tone curve, sRGB, grain."""
    from scipy.ndimage import gaussian_filter

    side = light.shape[0] // samples
    exposed = np.clip(light * shot.exposure * 1.02, 0, None)
    exposed = exposed / (1 + 0.18 * exposed) * 1.10
    picture = exposed.reshape(side, samples, side, samples, 3).mean((1, 3))
    blur = shot.blur * side / 128
    picture = np.stack([gaussian_filter(picture[..., k], blur) for k in range(3)], 2)
    picture = np.clip(0.18 * (picture / 0.18) ** shot.contrast, 0, 1)
    coded = np.where(picture < 0.0031308, picture * 12.92, 1.055 * picture ** (1 / 2.4) - 0.055)
    coded = coded + draw.normal(0, shot.grain, coded.shape)
    return (np.clip(coded, 0, 1) * 255 + 0.5).astype(np.uint8)
