"""How hard the sample study is to be: the paper's numbers, and which goals the measured ones meet.

``Scores`` are those of the program: training choice → condition (``nm``, ``m``, ``average``) →
accuracy, interval, recall and confusion.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.sample.outcome import Goal, percent
from engine.domain import Expression

Scores = Mapping[str, Mapping[str, Any]]

PAPER = {  # accuracy of ResNet-18 by training choice and tested condition: tables 3 and 4
    ("nm", "nm"): 0.6535,
    ("m", "m"): 0.4585,
    ("mix", "nm"): 0.5588,
    ("mix", "m"): 0.4415,
}
RECALL = {  # table 6, in the order of ``Expression``
    "nm": (0.78, 0.46, 0.57, 0.81, 0.50, 0.59, 0.95),
    "m": (0.73, 0.15, 0.32, 0.47, 0.34, 0.43, 0.56),
    "mix": (0.72, 0.27, 0.39, 0.68, 0.45, 0.48, 0.66),
}
TESTED = {"nm": "nm", "m": "m", "mix": "average"}  # the condition that table 6 is about
RANGES = {"nm": (0.58, 0.72), "m": (0.40, 0.54)}
CHANCE = 1 / len(Expression)
HARDEST = {"fear", "disgust"}
EASIEST = {"happy", "neutral", "surprise"}
TITLES = {"nm": "non-masked", "m": "masked"}


def judge(scores: Scores) -> list[Goal]:
    """The goals that the trained networks can tell of."""
    own = [condition for condition in ("nm", "m") if condition in scores]
    goals = [_in_range(scores, condition) for condition in own]
    if {"nm", "m", "mix"} <= scores.keys():
        goals.append(_between(scores))
    for condition in own:
        recall = scores[condition][condition]["recall"]
        goals += [_above_chance(condition, recall), *_order(condition, recall)]
    return goals


def likeness(recall: Mapping[str, float], paper: Sequence[float]) -> float:
    """Spearman's rank correlation of recalls with those of table 6."""
    found = [recall.get(expression.title, 0.0) for expression in Expression]
    return float(np.corrcoef(_ranks(found), _ranks(paper))[0, 1])


def _in_range(scores: Scores, condition: str) -> Goal:
    low, high = RANGES[condition]
    found = scores[condition][condition]["accuracy"]
    text = f"{condition.upper()}, trained and tested: {100 * low:.0f}–{100 * high:.0f} %"
    return Goal(text, percent(found), bool(low <= found <= high))


def _between(scores: Scores) -> Goal:
    low, high = scores["m"]["m"]["accuracy"], scores["nm"]["nm"]["accuracy"]
    found = scores["mix"]["average"]["accuracy"]
    return Goal(
        "Mix, both conditions: between M and NM", percent(found), bool(low <= found <= high)
    )


def _above_chance(condition: str, recall: Mapping[str, float]) -> Goal:
    worst = min(recall, key=lambda name: recall[name])
    text = f"Every {TITLES[condition]} expression above {percent(CHANCE)} %"
    return Goal(text, f"{worst} {percent(recall[worst])}", recall[worst] > CHANCE)


def _order(condition: str, recall: Mapping[str, float]) -> list[Goal]:
    ranked = sorted(recall, key=lambda name: recall[name])
    hardest, easiest = ranked[: len(HARDEST)], ranked[-len(EASIEST) :][::-1]
    of = TITLES[condition]
    return [
        Goal(f"Hardest {of}: {_listed(HARDEST)}", ", ".join(hardest), set(hardest) == HARDEST),
        Goal(f"Easiest {of}: {_listed(EASIEST)}", ", ".join(easiest), set(easiest) == EASIEST),
    ]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _ranks(values: Sequence[float]) -> list[float]:
    """From 1 up; equal values share the mean of their ranks."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]
