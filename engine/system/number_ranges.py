"""Whole numbers as a short text, such as ``3-7,12``."""

import re
from collections.abc import Iterable

from engine.domain import Failure

_PART = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)
MOST = 10_000_000  # numbers of one text


def write_ranges(numbers: Iterable[int]) -> str:
    """Each of them once, in order; none is negative."""
    parts: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        follows = parts and number == parts[-1][1] + 1
        if follows:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in parts)


def read_ranges(text: str) -> tuple[int, ...]:
    """Of ``write_ranges``. Raises ``Failure`` for another text, and for far too many numbers."""
    found: list[int] = []
    for part in filter(None, text.replace(" ", "").split(",")):
        match = _PART.fullmatch(part)
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if low > high or len(found) + high - low >= MOST:
            raise Failure(f"“{part}” is no range of numbers: write them like 3-7,12.")
        found += range(low, high + 1)
    return tuple(found)
