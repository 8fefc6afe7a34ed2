"""What an instrument found: plain data for programs, tables and sentences for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from rich.table import Table

from engine.cli._output import table


@dataclass(frozen=True)
class Outcome:
    document: dict[str, Any]
    shown: Sequence[Table | str]


@dataclass(frozen=True)
class Goal:
    """One thing that the sample study must show, and whether it does."""

    text: str
    found: str
    met: bool


def goal_table(goals: Sequence[Goal]) -> Table:
    rows = [(goal.text, goal.found, "yes" if goal.met else "NO") for goal in goals]
    return table("Goals", ("goal", "found", "met"), rows)


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share, after Wilson (1927)."""
    if not n:
        return 0.0, 1.0
    z = 1.959964
    share = right / n
    middle = share + z**2 / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, (middle - half) / (1 + z**2 / n)), min(1.0, (middle + half) / (1 + z**2 / n))


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def with_interval(share: float, interval: tuple[float, float]) -> str:
    """“61.3 (58.0–64.5)”, in percent."""
    return f"{percent(share)} ({percent(interval[0])}–{percent(interval[1])})"
