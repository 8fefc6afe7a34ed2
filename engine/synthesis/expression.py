"""How a subject shows an expression: recipes of facial movements, own manner, strength, blends.

The movements are the 52 of ARKit's face tracking (``browInnerUp``, ``jawOpen``, …); the recipes
follow the action units that Ekman and Friesen (Facial Action Coding System, 1978) name for each
expression. No two people show one alike: each subject prefers some of the recipes, moves brows or
mouth more, and is loud or subtle. That, not noise, makes expressions hard to tell apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.domain import Expression
from engine.synthesis.identity import stream
from engine.synthesis.settings import Settings

Units = dict[str, float]

_RECIPES: dict[Expression, tuple[Units, ...]] = {
    Expression.SURPRISE: (
        {
            "browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 0.9, "jawOpen": 0.6,
            "mouthFunnel": 0.2,
        },
        {
            "browInnerUp": 1.0, "browOuterUp": 1.1, "eyeWide": 0.8, "jawOpen": 0.3,
            "mouthFunnel": 0.6,
        },
        {"browInnerUp": 1.0, "browOuterUp": 1.2, "eyeWide": 1.0, "jawOpen": 0.2},
    ),
    Expression.FEAR: (
        {
            "browInnerUp": 1.1, "browOuterUp": 0.5, "browDown": 0.2, "eyeWide": 1.0,
            "mouthStretch": 0.9, "jawOpen": 0.22, "mouthLowerDown": 0.45, "mouthFrown": 0.25,
        },
        {
            "browInnerUp": 1.1, "browOuterUp": 0.4, "browDown": 0.2, "eyeWide": 0.9,
            "mouthStretch": 0.6, "jawOpen": 0.45, "mouthFrown": 0.2,
        },
        {
            "browInnerUp": 1.1, "browOuterUp": 0.6, "browDown": 0.1, "eyeWide": 1.0,
            "mouthStretch": 0.8, "mouthPress": 0.5, "mouthRollLower": 0.3,
        },
    ),
    Expression.DISGUST: (
        {
            "noseSneer": 1.1, "mouthUpperUp": 0.8, "browDown": 0.34, "eyeSquint": 0.45,
            "cheekSquint": 0.35, "mouthFrown": 0.35, "jawOpen": 0.06,
        },
        {
            "noseSneer": 1.1, "browDown": 0.32, "eyeSquint": 0.5, "cheekSquint": 0.3,
            "mouthShrugLower": 0.7, "mouthFrown": 0.6, "mouthShrugUpper": 0.5,
        },
        {
            "noseSneer": 1.0, "mouthUpperUp": 0.9, "eyeSquint": 0.4, "cheekSquint": 0.3,
            "jawOpen": 0.3, "mouthLowerDown": 0.3, "browDown": 0.32, "tongueOut": 0.35,
        },
    ),
    Expression.HAPPY: (
        {
            "mouthSmile": 1.1, "cheekSquint": 1.3, "eyeSquint": 1.0, "eyeBlink": 0.21,
            "mouthUpperUp": 0.7, "jawOpen": 0.15, "mouthLowerDown": 0.2, "mouthDimple": 0.3,
            "browOuterUp": 0.15,
        },
        {
            "mouthSmile": 1.2, "cheekSquint": 1.2, "eyeSquint": 0.95, "eyeBlink": 0.21,
            "mouthDimple": 0.4, "browOuterUp": 0.1,
        },
        {
            "mouthSmile": 1.05, "cheekSquint": 1.3, "eyeSquint": 1.1, "eyeBlink": 0.21,
            "mouthUpperUp": 0.6, "jawOpen": 0.35, "browOuterUp": 0.2,
        },
    ),
    Expression.SAD: (
        {
            "browInnerUp": 1.2, "browOuterUp": -0.25, "mouthFrown": 1.0, "mouthShrugLower": 0.55,
            "eyeBlink": 0.1, "gazeDown": 0.9,
        },
        {
            "browInnerUp": 1.1, "browDown": 0.15, "mouthStretch": 0.3, "mouthFrown": 0.8,
            "mouthLowerDown": 0.2, "jawOpen": 0.08, "eyeBlink": 0.15, "gazeDown": 0.5,
        },
        {
            "browInnerUp": 1.0, "browDown": 0.3, "noseSneer": 0.2,
            "mouthFrown": 1.0, "mouthShrugLower": 0.6, "eyeBlink": 0.1, "gazeDown": 0.5,
        },
    ),
    Expression.ANGER: (
        {
            "browDown": 0.95, "noseSneer": 0.25, "eyeSquint": 0.3, "mouthPress": 0.9,
            "mouthRollLower": 0.45, "mouthRollUpper": 0.3, "mouthFrown": 0.25, "jawForward": 0.4,
        },
        {
            "browDown": 0.8, "noseSneer": 0.5, "eyeSquint": 0.2, "mouthUpperUp": 0.45,
            "mouthLowerDown": 0.9, "mouthStretch": 0.3, "jawOpen": 0.14, "mouthFunnel": 0.35,
        },
        {
            "browDown": 0.72, "noseSneer": 0.15, "eyeWide": 0.6, "jawOpen": 0.4,
            "mouthLowerDown": 0.6, "mouthUpperUp": 0.3, "mouthFunnel": 0.2,
        },
    ),
    Expression.NEUTRAL: ({},),
}  # fmt: skip
_CONFUSED: dict[Expression, tuple[Expression, ...]] = {
    Expression.SURPRISE: (Expression.FEAR, Expression.HAPPY),
    Expression.FEAR: (Expression.SURPRISE, Expression.SAD, Expression.DISGUST),
    Expression.DISGUST: (Expression.ANGER, Expression.SAD, Expression.FEAR),
    Expression.HAPPY: (Expression.SURPRISE, Expression.NEUTRAL),
    Expression.SAD: (Expression.DISGUST, Expression.ANGER),
    Expression.ANGER: (Expression.SAD,),
    Expression.NEUTRAL: (),  # who shows nothing blends nothing in
}
_OPENNESS = {  # what is hard to pose is shown with less of the strength
    Expression.HAPPY: 1.12,
    Expression.FEAR: 0.72,
    Expression.DISGUST: 0.82,
    Expression.ANGER: 0.78,
}
_SINGLE = {
    "browInnerUp", "jawOpen", "jawForward", "mouthFunnel", "mouthPucker", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "tongueOut", "gazeDown",
}  # fmt: skip
_UPPER = ("brow", "eye", "gaze")
_MOUTH = 1.22  # mouth and jaw move more freely than brows do
_BELOW = ("mouth", "jaw", "tongue")
_HELD = 0.5  # what fabric leaves of them
_REACH = {  # how much further a recipe goes: mouth and jaw without a mask; all above without, with
    Expression.SURPRISE: (1.75, 1.2, 1.5),
    Expression.FEAR: (1.3, 1.0, 1.7),
    Expression.DISGUST: (1.45, 1.0, 1.2),
    Expression.HAPPY: (1.75, 1.0, 1.65),
    Expression.SAD: (1.75, 1.9, 1.95),
    Expression.ANGER: (1.75, 1.2, 1.4),
    Expression.NEUTRAL: (1.75, 1.0, 1.0),
}
_REST = {
    "browInnerUp": 0.20,
    "browOuterUp": 0.20,
    "browDown": -0.12,
}  # the base mesh frowns a little
MOVEMENTS = tuple(
    sorted({unit for recipes in _RECIPES.values() for one in recipes for unit in one})
)


@dataclass(frozen=True)
class Performance:
    """What a face does in one pair of images. ``units`` are by movement, both sides alike."""

    expression: Expression
    second: Expression | None  # blended in
    share: float  # of the second
    strength: float
    units: Units


@dataclass(frozen=True)
class Manner:
    """How a subject moves the face whatever is shown."""

    loudness: float  # 0..1 within the range asked for
    upper: float  # gain of brows and eyes
    lower: float  # gain of mouth and jaw
    lopsided: Mapping[str, float]  # movement: share more on the left than on the right
    rest: Units  # of the face that shows nothing


def manner(settings: Settings, number: int) -> Manner:
    draw = stream(settings.seed, number, 2)
    tilt = draw.normal(0, 0.24)  # who moves the brows little often moves the mouth much
    rest = {
        "browInnerUp": draw.normal(0, 0.02),
        "browDown": max(0.0, draw.normal(-0.05, 0.03)),
        "mouthSmile": max(0.0, draw.normal(0.1, 0.05)),
        "eyeSquint": max(0.0, draw.normal(0, 0.02)),
        "mouthPress": max(0.0, draw.normal(0, 0.1)),
    }
    lopsided = {unit: draw.normal(0, 0.12) for unit in MOVEMENTS if unit not in _SINGLE}
    loudness = float(draw.beta(1.6, 1.4))
    return Manner(loudness, float(np.exp(tilt)), _MOUTH * float(np.exp(-tilt)), lopsided, rest)


def perform(settings: Settings, number: int, expression: Expression, take: int) -> Performance:
    """What subject ``number`` does when asked for ``expression`` the ``take``-th time."""
    own, habit = manner(settings, number), stream(settings.seed, number, 3, expression)
    draw = stream(settings.seed, number, 4, expression, take)
    units = _habitual(habit, own, expression)
    second, share = None, 0.0
    others = _CONFUSED[expression]
    if others and draw.random() < settings.blend:
        second, share = Expression(draw.choice(others)), float(draw.uniform(0.25, 0.45))
        other = _habitual(habit, own, second)
        units = {k: units.get(k, 0) * (1 - share) + other.get(k, 0) * share for k in units | other}
    low, high = settings.intensity
    place = np.clip(0.55 * own.loudness + 0.45 * draw.beta(1.5, 1.3), 0, 1)
    strength = float(low + (high - low) * place)
    shown = strength * _OPENNESS.get(expression, 1)
    return Performance(
        expression, second, share, strength, {k: v * shown for k, v in units.items()}
    )


def weights(
    own: Manner, performance: Performance, draw: np.random.Generator, *, masked: bool = False
) -> Units:
    """The morphs of one image by side (``browDownLeft``): no two shots of a face are the same.

    Fabric holds mouth and jaw, and who is ``masked`` makes up for it with brows, eyes and cheeks.
    """
    mouth, bare, above_fabric = _REACH[performance.expression]
    above, below = (above_fabric, _HELD) if masked else (bare, mouth)
    frown = min(1.0, max(0.0, performance.units.get("browDown", 0)))
    total = {unit: value * (1 - frown) for unit, value in _REST.items()}
    for unit in (*own.rest, *performance.units):
        total.setdefault(unit, 0.0)
    for unit in total:
        gain = draw.normal(1, 0.07) * (below if unit.startswith(_BELOW) else above)
        total[unit] += own.rest.get(unit, 0) + performance.units.get(unit, 0) * gain
    return _sided(_possible(total, above), own.lopsided, draw)


def _habitual(habit: np.random.Generator, own: Manner, expression: Expression) -> Units:
    """The subject's version of an expression at full strength."""
    recipes = _RECIPES[expression]
    preference = habit.dirichlet([0.8] * len(recipes))
    shares = preference**2 / (preference**2).sum()  # mostly one recipe, a touch of the others
    units: Units = {}
    for share, recipe in zip(shares, recipes, strict=True):
        for unit, value in recipe.items():
            units[unit] = units.get(unit, 0) + share * value
    return {
        unit: value
        * float(np.exp(habit.normal(0, 0.22)))
        * (own.upper if unit.startswith(_UPPER) else own.lower)
        for unit, value in units.items()
    }


def _possible(units: Units, above: float) -> Units:
    """Movements that exclude each other, and none further than a face can go.

    ``above`` is how much further brows may go than those of who wears no mask.
    """
    wide = max(0.0, units.get("eyeWide", 0))
    for unit in ("eyeSquint", "eyeBlink"):
        if unit in units:
            units[unit] *= 1 - 0.7 * min(wide, 1)
    if "mouthPress" in units:
        units["mouthPress"] *= 1 - min(1.0, 2 * max(0.0, units.get("jawOpen", 0)))
    limits = {
        "browInnerUp": 1.25 * above,
        "browOuterUp": 1.25 * above,
        "browDown": 1.5 * above,
        "jawOpen": 0.75,
        "eyeBlink": 0.5,
        "tongueOut": 0.5,
        "cheekSquint": 1.3,
        "eyeSquint": 1.1,
    }
    return {unit: float(np.clip(v, -0.3, limits.get(unit, 1.25))) for unit, v in units.items()}


def _sided(units: Units, lopsided: Mapping[str, float], draw: np.random.Generator) -> Units:
    both: Units = {}
    for unit, value in units.items():
        if unit in _SINGLE:
            both[unit] = value
        else:
            more = lopsided.get(unit, 0) + draw.normal(0, 0.03)
            even = unit == "eyeBlink"  # lids close together
            both[f"{unit}Left"] = value * (1 if even else 1 + more)
            both[f"{unit}Right"] = value * (1 if even else 1 - more)
    return both
