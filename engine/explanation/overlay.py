"""A heatmap drawn over its image, beside the colour scale that it shares with others."""

import numpy as np
from cmap import Colormap
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from engine.explanation.heatmap import enlarge

SIDE = 384  # px: the longer side of a drawn image
OPACITY = 0.55
BAR, MARGIN, TEXT = 14, 10, 58  # px: widths of the colour bar, of gaps and of its numbers
GROUND, INK = (22, 24, 29), (232, 234, 238)
STEPS = 256
SIZE = 13  # px of a number


def overlaid(image: Image.Image, values: NDArray[np.float32], highest: float) -> Image.Image:
    """``values``, (h, w), in inferno over the image, from 0 to ``highest`` for all alike."""
    scale = SIDE / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    face = image.resize((width, height), Image.Resampling.LANCZOS)
    heat = Image.fromarray(_colour(enlarge(values, height, width), highest))
    sheet = Image.new("RGB", (width + BAR + TEXT + 3 * MARGIN, height + 2 * MARGIN), GROUND)
    sheet.paste(Image.blend(face, heat, OPACITY), (MARGIN, MARGIN))
    _draw_scale(sheet, width + 2 * MARGIN, height, highest)
    return sheet


def _colour(values: NDArray[np.float32], highest: float) -> NDArray[np.uint8]:
    """RGB, (h, w, 3)."""
    table = np.asarray(Colormap("inferno")(np.linspace(0, 1, STEPS)))[:, :3]
    share = values / (highest or 1.0)
    steps = (share * (STEPS - 1)).clip(0, STEPS - 1)
    return np.asarray((table[steps.round().astype(int)] * 255).round(), dtype=np.uint8)


def _draw_scale(sheet: Image.Image, left: int, height: int, highest: float) -> None:
    """A strip from 0 at its foot to ``highest`` at its head, with three numbers."""
    rising = np.linspace(highest, 0, height, dtype=np.float32)
    strip = np.repeat(rising[:, None], BAR, axis=1)
    sheet.paste(Image.fromarray(_colour(strip, highest)), (left, MARGIN))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(SIZE)
    for share, anchor in ((1.0, "lt"), (0.5, "lm"), (0.0, "lb")):
        place = (left + BAR + MARGIN // 2, MARGIN + round((1 - share) * (height - 1)))
        draw.text(place, f"{share * highest:.3g}", INK, font, anchor)
