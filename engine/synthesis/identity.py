"""Who a subject is: build, features, skin, hair, eyes, clothes, glasses, all drawn from a seed."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis import morphs
from engine.synthesis.geometry import Floats
from engine.synthesis.settings import Settings

# linear RGB reflectance, light to dark
_SKIN = np.array(
    [
        (0.68, 0.47, 0.38), (0.63, 0.42, 0.32), (0.56, 0.36, 0.255), (0.46, 0.28, 0.19),
        (0.35, 0.205, 0.135), (0.25, 0.14, 0.092), (0.165, 0.092, 0.062),
    ]
)  # fmt: skip
_HAIR = np.array(
    [
        (0.012, 0.010, 0.009), (0.022, 0.015, 0.011), (0.05, 0.028, 0.016), (0.10, 0.055, 0.028),
        (0.24, 0.145, 0.07), (0.36, 0.24, 0.125), (0.17, 0.055, 0.02), (0.22, 0.21, 0.20),
    ]
)  # fmt: skip
_GREY = 7
_IRIS = np.array(
    [
        (0.10, 0.05, 0.025), (0.07, 0.035, 0.02), (0.16, 0.09, 0.04),
        (0.20, 0.24, 0.12), (0.16, 0.26, 0.36), (0.24, 0.28, 0.30),
    ]
)  # fmt: skip
_HAIRCUTS = {
    True: ("short", "short", "crop", "side", "buzz", "curly", "quiff"),
    False: ("long", "long", "bob", "tied", "tied", "side", "curly"),
}
FRAMES = ("round", "oval", "square")


@dataclass(frozen=True)
class Identity:
    """What all images of a subject share."""

    number: int
    male: bool
    years: float
    tone: float  # 0 light to 6 dark
    shape: morphs.Weights
    skin: Floats  # (3,), as are hair, iris and shirt
    hair: Floats
    iris: Floats
    shirt: Floats
    haircut: str
    recession: float  # of the hairline, decimetres
    beard: float  # 0 shaven to 1
    brow_density: float
    brow_thickness: float
    lipstick: float  # how red the lips are
    freckles: float
    frame: str  # of the glasses; empty: wears none
    masks: tuple[str, ...]  # the ones that the subject owns

    @property
    def name(self) -> str:
        return f"S{self.number:03d}"


def stream(*numbers: int) -> np.random.Generator:
    """An independent source of random numbers for a purpose, the same on every call."""
    return np.random.default_rng(np.random.SeedSequence(numbers))


def identity(settings: Settings, number: int) -> Identity:
    """Subject ``number`` (from 1) of the study."""
    draw = stream(settings.seed, number, 1)
    male = bool(draw.random() < 0.5)
    sex = male + (1 - 2 * male) * min(abs(draw.normal(0, 0.12)), 1)
    races = dict(zip(morphs.RACES, draw.dirichlet([0.45] * 3), strict=True))
    years = float(draw.uniform(*settings.age))
    tone = _tone(draw, races, settings)
    build = morphs.build(sex, years, _around(draw, 0.12), _around(draw, 0.15), races)
    dark = races["african"] + races["asian"] > 0.55
    return Identity(
        number=number,
        male=male,
        years=years,
        tone=tone,
        shape=build | morphs.features(draw, male),
        skin=_mixed(_SKIN, tone),
        hair=_HAIR[_hair(draw, dark, years)] * draw.uniform(0.8, 1.2),
        iris=_IRIS[draw.integers(0, 2 if dark else len(_IRIS))],
        shirt=_shirt(draw),
        haircut=str(draw.choice(_HAIRCUTS[male])),
        recession=abs(draw.normal(0, 0.05)) * male,
        beard=float(draw.choice([0, 0, 0.3, 0.6, 0.9])) * male,
        brow_density=draw.uniform(0.7, 1.15) * (1.1 if male else 0.9),
        brow_thickness=draw.uniform(0.7, 0.95) * (1.0 if male else 0.8),
        lipstick=draw.uniform(0.1, 0.5) if male else draw.uniform(0.3, 1.0),
        freckles=max(0.0, draw.normal(-0.2, 0.5)) * (tone < 2),
        frame=str(draw.choice(FRAMES)) if draw.random() < settings.glasses else "",
        masks=_owned(draw, settings),
    )


def _around(draw: np.random.Generator, spread: float) -> float:
    return float(np.clip(draw.normal(0.5, spread), 0.1, 0.9))


def _tone(draw: np.random.Generator, races: morphs.Weights, settings: Settings) -> float:
    own = races["african"] * 5.2 + races["asian"] * 1.7 + races["caucasian"] * 0.5
    low, high = settings.tone
    return float(np.clip(own + draw.normal(0, 0.45), low, min(high, 5.99)))


def _mixed(palette: Floats, place: float) -> Floats:
    i = min(int(place), len(palette) - 2)
    return np.asarray(palette[i] * (1 - place + i) + palette[i + 1] * (place - i))


def _hair(draw: np.random.Generator, dark: bool, years: float) -> int:
    if draw.random() < (years - 45) / 40:
        return _GREY
    return int(draw.integers(0, 3) if dark else draw.integers(1, _GREY))


def _shirt(draw: np.random.Generator) -> Floats:
    dye = draw.random(3)
    return np.asarray((dye.mean() + (dye - dye.mean()) * 0.5) ** 2 * 0.7 + 0.02)


def _owned(draw: np.random.Generator, settings: Settings) -> tuple[str, ...]:
    """One or two masks; surgical ones are the commonest."""
    weights = np.array([3.0 if name.startswith("surgical") else 1 for name in settings.masks])
    count = min(int(draw.integers(1, 3)), len(settings.masks))
    chosen = draw.choice(settings.masks, count, replace=False, p=weights / weights.sum())
    return tuple(str(name) for name in chosen)
