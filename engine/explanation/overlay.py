"""A heatmap drawn over its image, beside the colour scale that it shares with others."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from cmap import Colormap
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from engine.domain import Failure
from engine.explanation.heatmap import enlarge

SIDE = 384  # px: the longer side of a drawn image
BAR, MARGIN, TEXT = 14, 10, 58  # px: widths of the colour bar, of gaps and of its numbers
GROUND, INK = (22, 24, 29), (232, 234, 238)
STEPS = 256
COLOURS = ("inferno", "viridis", "jet")
SCALES = ("all", "run", "image")
SIZE = 13  # px of a number


@dataclass(frozen=True)
class OverlayStyle:
    """How heatmaps lie on faces."""

    colours: str = "inferno"  # one of ``COLOURS``
    opacity: float = 0.55
    scale: str = "all"  # which heatmaps share a maximum: one of ``SCALES``

    def __post_init__(self) -> None:
        """Raise ``Failure`` that lists the choices for an unknown word."""
        for kind, given, known in (
            ("table of colours", self.colours, COLOURS),
            ("scale", self.scale, SCALES),
        ):
            if given not in known:
                raise Failure(f"There is no {kind} “{given}”: choose one of {', '.join(known)}.")
        if not 0 <= self.opacity <= 1:
            raise Failure(f"An opacity of {self.opacity} is not from 0 to 1: choose another.")


def overlaid(
    image: Image.Image,
    values: NDArray[np.float32],
    highest: float,
    style: OverlayStyle = OverlayStyle(),
) -> Image.Image:
    """``values``, (h, w), over the image, from 0 to ``highest``, beside the scale."""
    face = enlarge_image(image)
    width, height = face.size
    sheet = Image.new("RGB", (width + BAR + TEXT + 3 * MARGIN, height + 2 * MARGIN), GROUND)
    sheet.paste(blend(face, values, highest, style), (MARGIN, MARGIN))
    _draw_scale(sheet, width + 2 * MARGIN, height, highest, style.colours)
    return sheet


def enlarge_image(image: Image.Image) -> Image.Image:
    """Its longer side has ``SIDE`` px."""
    scale = SIDE / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def blend(
    face: Image.Image, values: NDArray[np.float32], highest: float, style: OverlayStyle
) -> Image.Image:
    """``values``, (h, w), in colours over the whole face."""
    width, height = face.size
    heat = Image.fromarray(_colour(enlarge(values, height, width), highest, style.colours))
    return Image.blend(face, heat, style.opacity)


def _colour(values: NDArray[np.float32], highest: float, colours: str) -> NDArray[np.uint8]:
    """RGB, (h, w, 3)."""
    share = values / (highest or 1.0)
    steps = (share * (STEPS - 1)).clip(0, STEPS - 1)
    return np.asarray(_table(colours)[steps.round().astype(int)])


@cache
def _table(colours: str) -> NDArray[np.uint8]:
    """RGB of each step, (256, 3)."""
    shares = np.asarray(Colormap(colours)(np.linspace(0, 1, STEPS)))[:, :3]
    return np.asarray((shares * 255).round(), dtype=np.uint8)


def _draw_scale(sheet: Image.Image, left: int, height: int, highest: float, colours: str) -> None:
    """A strip from 0 at its foot to ``highest`` at its head, with three numbers."""
    rising = np.linspace(highest, 0, height, dtype=np.float32)
    strip = np.repeat(rising[:, None], BAR, axis=1)
    sheet.paste(Image.fromarray(_colour(strip, highest, colours)), (left, MARGIN))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(SIZE)
    for share, anchor in ((1.0, "lt"), (0.5, "lm"), (0.0, "lb")):
        place = (left + BAR + MARGIN // 2, MARGIN + round((1 - share) * (height - 1)))
        draw.text(place, f"{share * highest:.3g}", INK, font, anchor)
