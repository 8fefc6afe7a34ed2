"""What is behind a face: an out-of-focus room, drawn without regard to who shows what."""

import numpy as np

from engine.synthesis.geometry import Floats


def background(draw: np.random.Generator, size: int) -> Floats:
    """Linear RGB (size, size, 3)."""
    from scipy.ndimage import gaussian_filter

    wall = _colour(draw, 0.08, 0.6)
    down, across = np.mgrid[0:size, 0:size] / size
    slope = draw.normal(0, 0.35, 2)
    image = wall * (1 + slope[0] * (down - 0.5) + slope[1] * (across - 0.5))[..., None]
    for _ in range(draw.integers(0, 6)):
        centre, half = draw.random(2), draw.uniform(0.04, 0.35, 2)
        inside = (np.abs(down - centre[0]) < half[0]) & (np.abs(across - centre[1]) < half[1])
        share = draw.uniform(0.4, 0.95)
        image[inside] = image[inside] * (1 - share) + _colour(draw, 0.03, 0.8) * share
    blur = draw.uniform(0.008, 0.05) * size
    smooth = np.stack([gaussian_filter(image[..., k], blur, mode="nearest") for k in range(3)], 2)
    return np.asarray(np.clip(smooth, 0.004, 1.2))


def _colour(draw: np.random.Generator, low: float, high: float) -> Floats:
    light, hue = draw.uniform(low, high), draw.random(3)
    return np.asarray(light * (1 + (hue - hue.mean()) * draw.uniform(0, 0.9)))
