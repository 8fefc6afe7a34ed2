"""MakeHuman's morph targets that give a head its build and features, and how they are drawn."""

from collections.abc import Mapping

import numpy as np

Weights = dict[str, float]
RACES = ("african", "asian", "caucasian")

# part: (spread of the weights, opposite morphs less|more, …)
_MIDDLE = {
    "nose/nose": (
        0.26,
        "hump-decr|hump-incr width1-decr|width1-incr width2-decr|width2-incr"
        " width3-decr|width3-incr scale-vert-decr|scale-vert-incr"
        " scale-horiz-decr|scale-horiz-incr scale-depth-decr|scale-depth-incr"
        " point-down|point-up base-down|base-up curve-concave|curve-convex"
        " flaring-decr|flaring-incr volume-decr|volume-incr greek-decr|greek-incr",
    ),
    "mouth/mouth": (
        0.24,
        "scale-horiz-decr|scale-horiz-incr scale-vert-decr|scale-vert-incr trans-down|trans-up"
        " upperlip-height-decr|upperlip-height-incr lowerlip-height-decr|lowerlip-height-incr"
        " upperlip-volume-decr|upperlip-volume-incr lowerlip-volume-decr|lowerlip-volume-incr"
        " cupidsbow-decr|cupidsbow-incr philtrum-volume-decr|philtrum-volume-incr"
        " laugh-lines-in|laugh-lines-out",
    ),
    "chin/chin": (
        0.26,
        "width-decr|width-incr height-decr|height-incr prominent-decr|prominent-incr"
        " bones-decr|bones-incr jaw-drop-decr|jaw-drop-incr prognathism-decr|prognathism-incr",
    ),
    "forehead/forehead": (
        0.24,
        "scale-vert-decr|scale-vert-incr temple-decr|temple-incr nubian-decr|nubian-incr"
        " trans-backward|trans-forward",
    ),
    "eyebrows/eyebrows": (0.12, "angle-down|angle-up trans-down|trans-up"),
    "head/head": (
        0.18,
        "scale-horiz-decr|scale-horiz-incr scale-vert-decr|scale-vert-incr"
        " scale-depth-decr|scale-depth-incr fat-decr|fat-incr angle-in|angle-out",
    ),
}
_SIDES = {
    "eyes/{}-eye": (
        0.24,
        "height1-decr|height1-incr height2-decr|height2-incr height3-decr|height3-incr"
        " corner1-down|corner1-up corner2-down|corner2-up scale-decr|scale-incr trans-in|trans-out"
        " trans-down|trans-up eyefold-concave|eyefold-convex eyefold-down|eyefold-up"
        " bag-decr|bag-incr epicanthus-in|epicanthus-out",
    ),
    "cheek/{}-cheek": (
        0.18,
        "volume-decr|volume-incr bones-decr|bones-incr inner-decr|inner-incr trans-down|trans-up",
    ),
    "ears/{}-ear": (0.22, "scale-decr|scale-incr wing-decr|wing-incr lobe-decr|lobe-incr"),
}
_OUTLINES = (
    "oval", "round", "square", "rectangular", "triangular", "invertedtriangular", "diamond",
)  # fmt: skip
_ASYMMETRY = (
    "brown-1", "brown-2", "cheek-1", "eye-1", "eye-4", "jaw-1", "mouth-1", "nose-1", "nose-4",
)  # fmt: skip


def features(draw: np.random.Generator, male: bool) -> Weights:
    """The person's own nose, mouth, eyes and outline; a little asymmetric, as faces are."""
    weights: Weights = {}
    for part, (spread, pairs) in _MIDDLE.items():
        for pair in pairs.split():
            _add(weights, draw, spread, pair, (part,))
    for part, (spread, pairs) in _SIDES.items():
        for pair in pairs.split():
            _add(weights, draw, spread, pair, (part.format("l"), part.format("r")))
    for side in "lr":  # MakeHuman's eyes are small for photographs of people
        for name, more in (("height2-incr", 0.30), ("scale-incr", 0.22)):
            key = f"eyes/{side}-eye-{name}"
            weights[key] = weights.get(key, 0) + more
    lift = "eyebrows/eyebrows-trans-up"  # and its brows sit low, which reads as stern
    weights[lift] = weights.get(lift, 0) + (0.42 if male else 0.22)
    weights["eyebrows/eyebrows-trans-backward"] = 0.45 if male else 0.15
    weights[f"head/head-{draw.choice(_OUTLINES)}"] = draw.uniform(0, 0.4)
    for name in _ASYMMETRY:
        weights[f"asym/asym-{name}-{draw.choice(['l', 'r'])}"] = draw.uniform(0, 0.25)
    return weights


def build(
    sex: float, years: float, muscle: float, weight: float, races: Mapping[str, float]
) -> Weights:
    """MakeHuman's macro targets. ``sex`` 0 female to 1 male; ``muscle``, ``weight`` in 0..1."""
    weights: Weights = {}
    for gender, gender_share in (("female", 1 - sex), ("male", sex)):
        for age, age_share in _ages(years).items():
            share = gender_share * age_share
            for race, race_share in races.items():
                weights[f"macrodetails/{race}-{gender}-{age}"] = share * race_share
            for m, m_share in _levels(muscle, "muscle").items():
                for w, w_share in _levels(weight, "weight").items():
                    name = f"macrodetails/universal-{gender}-{age}-{m}-{w}"
                    weights[name] = share * m_share * w_share
    return {name: value for name, value in weights.items() if value > 0}


def _add(
    weights: Weights, draw: np.random.Generator, spread: float, pair: str, parts: tuple[str, ...]
) -> None:
    value = float(np.clip(draw.normal(0, spread), -0.6, 0.6))
    less, more = pair.split("|")
    for part in parts:
        weights[f"{part}-{more if value > 0 else less}"] = abs(value)


def _ages(years: float) -> Weights:
    """MakeHuman models a child of 10, an adult of 25 and one of 90; between them is a mixture."""
    if years <= 25:
        child = float(np.clip((25 - years) / 15, 0, 1)) * 0.5  # half: 18-year-olds are no children
        return {"child": child, "young": 1 - child}
    old = min((years - 25) / 65, 1.0)
    return {"young": 1 - old, "old": old}


def _levels(x: float, noun: str) -> Weights:
    shares = {
        f"min{noun}": max(0.0, 1 - 2 * x),
        f"average{noun}": 1 - abs(2 * x - 1),
        f"max{noun}": max(0.0, 2 * x - 1),
    }
    return {name: share for name, share in shares.items() if share > 0}
