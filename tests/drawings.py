"""Drawn faces of invented people, in the authors' own layout: for demos, pictures and timings.

Each subject has a skin, hair, shape and manner; each expression moves brows, lids and mouth after
the usual descriptions (raised brows of surprise, the wrinkled nose of disgust …). They show what
the program does, not how well a method works on real faces.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

SCALE = 4  # drawn larger, then reduced: smooth edges
Colour = tuple[int, int, int]

SKINS: Sequence[Colour] = (
    (255, 219, 190),
    (236, 188, 150),
    (198, 144, 104),
    (141, 92, 60),
    (93, 60, 42),
)
HAIRS: Sequence[Colour] = (
    (38, 28, 24),
    (84, 56, 36),
    (140, 98, 52),
    (196, 160, 96),
    (110, 110, 112),
)
MASKS: Sequence[Colour] = (
    (150, 200, 232),
    (240, 240, 240),
    (46, 50, 58),
    (232, 178, 196),
    (158, 206, 178),
)
GROUNDS: Sequence[Colour] = ((196, 204, 212), (214, 206, 196), (186, 198, 186), (204, 196, 210))


@dataclass(frozen=True)
class Person:
    """What stays the same over a subject's images. Lengths are shares of the image's side."""

    skin: Colour
    hair: Colour
    ground: Colour
    width: float
    eyes: float  # distance from the middle
    fringe: float
    strength: float  # how loudly the face speaks


@dataclass(frozen=True)
class Look:
    """An expression: how far each part moves, about -1 to 1."""

    brow: float  # up
    slant: float  # inner ends up (sad, fear) or down (anger)
    lids: float  # open
    smile: float  # mouth corners up
    mouth: float  # open
    nose: float = 0.0  # wrinkled


LOOKS: Sequence[Look] = (
    Look(0.9, 0.0, 0.9, 0.0, 1.0),  # surprise
    Look(0.6, 0.8, 0.8, -0.4, 0.5),  # fear
    Look(-0.4, -0.5, -0.5, -0.6, 0.1, 1.0),  # disgust
    Look(0.1, 0.0, -0.3, 1.0, 0.4),  # happy
    Look(-0.1, 0.8, -0.3, -0.9, 0.0),  # sad
    Look(-0.6, -1.0, 0.3, -0.5, 0.0, 0.3),  # anger
    Look(0.0, 0.0, 0.0, 0.0, 0.0),  # neutral
)


def person(number: int) -> Person:
    """The same number is always the same person."""
    chance = random.Random(number)
    return Person(
        chance.choice(SKINS),
        chance.choice(HAIRS),
        chance.choice(GROUNDS),
        chance.uniform(0.30, 0.37),
        chance.uniform(0.12, 0.155),
        chance.uniform(0.10, 0.2),
        chance.uniform(0.55, 1.1),
    )


def draw(who: Person, expression: int, masked: bool, size: int, seed: int = 0) -> Image.Image:
    """One face, RGB, (size, size)."""
    chance = random.Random(seed)
    side = size * SCALE
    image = Image.new("RGB", (side, side), who.ground)
    pen = _Pen(
        ImageDraw.Draw(image), side, chance.uniform(-0.03, 0.03), chance.uniform(-0.02, 0.03)
    )
    _head(pen, who)
    look = LOOKS[expression]
    strength = who.strength * chance.uniform(0.7, 1.15)
    _eyes(pen, who, look, strength)
    _mouth(pen, who, look, strength)
    if masked:
        _mask(pen, who, MASKS[chance.randrange(len(MASKS))])
    return image.resize((size, size), Image.Resampling.LANCZOS)


def study(folder: Path, subjects: int, size: int = 128) -> Path:
    """A folder that the format ``msde`` reads: ``subjects`` × 7 expressions × 2 conditions."""
    for place in ("MSD-E", "MSD-ME"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for number in range(subjects):
        who = person(number)
        for expression in range(len(LOOKS)):
            name = f"{number:03}_{expression}_drawn.jpg"
            for masked, place in enumerate(("MSD-E", "MSD-ME")):
                seed = (number * 7 + expression) * 2 + masked
                draw(who, expression, bool(masked), size, seed).save(
                    folder / place / name, quality=88
                )
    return folder


class _Pen:
    """Draws in shares of the side, moved by a small turn of the head."""

    def __init__(self, canvas: ImageDraw.ImageDraw, side: int, right: float, down: float) -> None:
        self._canvas = canvas
        self._side = side
        self._right = right
        self._down = down

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        box = [self._at(x - rx, y - ry), self._at(x + rx, y + ry)]
        self._canvas.ellipse(box, fill=fill)

    def shape(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        self._canvas.polygon([self._at(*point) for point in points], fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        places = [self._at(*point) for point in points]
        self._canvas.line(places, fill=fill, width=round(width * self._side), joint="curve")

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (x + self._right) * self._side, (y + self._down) * self._side


def _darker(colour: Colour, share: float = 0.75) -> Colour:
    red, green, blue = (round(value * share) for value in colour)
    return red, green, blue


def _head(pen: _Pen, who: Person) -> None:
    pen.shape([(0.1, 1.05), (0.28, 0.86), (0.72, 0.86), (0.9, 1.05)], _darker(who.hair, 1.2))
    pen.oval(0.5, 0.46, who.width + 0.05, 0.42, who.hair)
    pen.shape([(0.41, 0.7), (0.59, 0.7), (0.6, 0.92), (0.4, 0.92)], _darker(who.skin, 0.88))
    pen.oval(0.5, 0.52, who.width, 0.37, who.skin)
    pen.oval(0.5, 0.16, who.width * 0.92, who.fringe, who.hair)
    pen.line([(0.5, 0.5), (0.475, 0.61), (0.515, 0.615)], _darker(who.skin), 0.012)


def _eyes(pen: _Pen, who: Person, look: Look, strength: float) -> None:
    for side in (-1, 1):
        x, y = 0.5 + side * who.eyes, 0.46
        height = 0.032 * (1 + 0.55 * look.lids * strength)
        pen.oval(x, y, 0.058, height, (250, 250, 250))
        pen.oval(x, y, 0.024, min(0.026, height), (60, 44, 36))
        pen.line([(x - 0.058, y - height * 0.4), (x, y - height), (x + 0.058, y - height * 0.4)],
                 _darker(who.skin, 0.5), 0.01)  # fmt: skip
        lift = y - 0.085 - 0.035 * look.brow * strength
        tilt = 0.035 * look.slant * strength
        inner, outer = (x - side * 0.055, lift - tilt), (x + side * 0.065, lift + tilt * 0.6)
        pen.line(
            [inner, (x, min(inner[1], outer[1]) - 0.006), outer], _darker(who.hair, 0.8), 0.022
        )
    if look.nose:
        wrinkle = 0.018 * strength * look.nose
        for side in (-1, 1):
            pen.line([(0.5 + side * 0.02, 0.5), (0.5 + side * 0.05, 0.5 - wrinkle)],
                     _darker(who.skin, 0.6), 0.01)  # fmt: skip


def _mouth(pen: _Pen, who: Person, look: Look, strength: float) -> None:
    corner = 0.7 - 0.035 * look.smile * strength
    middle = 0.7 + 0.02 * look.smile * strength
    opened = 0.055 * look.mouth * strength
    width = 0.1 + 0.03 * max(look.smile, -0.3) * strength - 0.03 * (look.mouth > 0.9)
    if opened > 0.01:
        pen.oval(0.5, middle, width * 0.85, opened + 0.012, (112, 36, 40))
        pen.oval(0.5, middle - opened * 0.5, width * 0.55, opened * 0.3, (245, 245, 245))
    else:
        curve = [(0.5 - width, corner), (0.5 - width / 2, (corner + 2 * middle) / 3), (0.5, middle),
                 (0.5 + width / 2, (corner + 2 * middle) / 3), (0.5 + width, corner)]  # fmt: skip
        pen.line(curve, _darker((170, 84, 80), 0.9), 0.02)


def _mask(pen: _Pen, who: Person, colour: Colour) -> None:
    side = who.width
    top = [(0.5 - side * 0.93, 0.56), (0.5, 0.53), (0.5 + side * 0.93, 0.56)]
    chin = [(0.5 + side * 0.72, 0.8), (0.5, 0.91), (0.5 - side * 0.72, 0.8)]
    pen.shape([*top, *chin], colour)
    for y in (0.64, 0.72, 0.8):
        pen.line([(0.5 - side * 0.75, y), (0.5, y + 0.015), (0.5 + side * 0.75, y)],
                 _darker(colour, 0.88), 0.006)  # fmt: skip


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--subjects", type=int, default=24)
    options.add_argument("--size", type=int, default=128)
    chosen = options.parse_args()
    study(chosen.folder, chosen.subjects, chosen.size)
