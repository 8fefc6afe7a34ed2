"""What masks are made of: their cut, colour and printed pattern, by the names of ``MASKS``."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.synthesis.geometry import Floats, bell, noise, ramp

Pattern = Callable[[Floats, Floats, Floats], Floats]  # sideways, down (decimetres), inks -> albedo


@dataclass(frozen=True)
class Cut:
    """The shape that a mask is sewn or pressed to."""

    pleats: bool = False
    dome: float = 0.0  # how far it stands out, decimetres
    seam: bool = False  # upright in the middle
    rim: bool = True
    head_bands: bool = False  # around the head instead of loops around the ears


@dataclass(frozen=True)
class Fabric:
    cut: Cut
    inks: Floats  # (2, 3) ground and print
    pattern: Pattern

    def albedo(self, sideways: Floats, down: Floats) -> Floats:
        """Linear RGB (n, 3) at places in decimetres from the mask's middle."""
        weave = 0.05 * noise(np.stack([sideways, down, 0 * down], 1), 90)
        return self.pattern(sideways, down, self.inks) * (1 + weave)[:, None]


_SURGICAL = Cut(pleats=True)
_N95 = Cut(dome=0.14, rim=False, head_bands=True)
_CLOTH = Cut(dome=0.04, seam=True)
_FIXED = {
    "surgical-blue": (_SURGICAL, (0.36, 0.60, 0.78)),
    "surgical-white": (_SURGICAL, (0.84, 0.85, 0.86)),
    "n95-white": (_N95, (0.84, 0.84, 0.82)),
    "n95-blue": (_N95, (0.22, 0.38, 0.62)),
    "n95-black": (_N95, (0.03, 0.03, 0.035)),
}


def fabric(name: str, draw: np.random.Generator) -> Fabric:
    """The mask ``name``; cloth ones get their colours from ``draw``."""
    if name in _FIXED:
        cut, colour = _FIXED[name]
        ground = np.array(colour) * draw.uniform(0.93, 1.07, 3)
        return Fabric(cut, np.stack([ground, ground * 0.9]), _plain)
    return Fabric(_CLOTH, _dyes(draw), _PATTERNS[name.removeprefix("cloth-")])


def _dyes(draw: np.random.Generator) -> Floats:
    """Two colours that differ in lightness."""
    first, second = draw.random((2, 3)) ** 1.5
    dark, light = (first * 0.25 + 0.02, second * 0.45 + 0.35)
    return np.stack([dark, light] if draw.random() < 0.6 else [light, dark])


def _plain(sideways: Floats, down: Floats, inks: Floats) -> Floats:
    return np.tile(inks[0], (len(sideways), 1))


def _printed(cover: Floats, inks: Floats) -> Floats:
    return np.asarray(inks[0] * (1 - cover[:, None]) + inks[1] * cover[:, None])


def _striped(sideways: Floats, down: Floats, inks: Floats) -> Floats:
    return _printed(ramp(-0.2, 0.2, np.sin(down * 38)), inks)


def _dotted(sideways: Floats, down: Floats, inks: Floats) -> Floats:
    row = np.floor(down / 0.15)
    x = (sideways / 0.15 + 0.5 * (row % 2)) % 1 - 0.5
    y = down / 0.15 - row - 0.5
    return _printed(ramp(0.34, 0.24, np.hypot(x, y)), inks)


def _checked(sideways: Floats, down: Floats, inks: Floats) -> Floats:
    bars = ramp(-0.2, 0.2, np.sin(sideways * 30)) + ramp(-0.2, 0.2, np.sin(down * 30))
    return _printed(bars / 2, inks)


def _floral(sideways: Floats, down: Floats, inks: Floats) -> Floats:
    """Five petals in a loose grid."""
    row = np.floor(down / 0.32)
    x = (sideways / 0.32 + 0.5 * (row % 2)) % 1 - 0.5
    y = down / 0.32 - row - 0.5
    petals = 0.27 * (0.75 + 0.25 * np.cos(5 * np.arctan2(y, x)))
    flower = ramp(0.03, -0.03, np.hypot(x, y) - petals)
    return _printed(flower * (1 - bell(np.hypot(x, y), 0, 0.08)), inks)


_PATTERNS: dict[str, Pattern] = {
    "plain": _plain,
    "striped": _striped,
    "dotted": _dotted,
    "checked": _checked,
    "floral": _floral,
}
