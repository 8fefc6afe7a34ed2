"""Which of several candidates for one image stays: none whose labels contradict each other."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.formats.base import Candidate, relative
from engine.data.inspection import InspectedImage, Outcome
from engine.domain import Condition, Expression
from engine.store.study import Inspected, Skipped

Shown = tuple[Expression, Condition]


@dataclass
class Left:
    """What is left out so far, and why. ``known`` counts what the study has already."""

    folder: Path
    skipped: list[Skipped]
    known: int = 0

    def add(self, file: Path, reason: str) -> None:
        self.skipped.append(Skipped(relative(file, self.folder), reason))


def one_per_file(candidates: Sequence[Candidate], left: Left) -> list[Candidate]:
    """A file listed twice stays once, or not at all if its labels differ."""
    kept: list[Candidate] = []
    doubted = {one.file: one.reason for one in left.skipped}
    for group in _group([one.file for one in candidates]):
        same = [candidates[row] for row in group]
        titles = _contradiction([_describe(one) for one in same])
        doubt = doubted.get(relative(same[0].file, left.folder))
        if doubt:
            for one in same:
                left.add(one.file, f"listed as {one.expression.title} too, but elsewhere {doubt}")
            continue
        if titles:
            for one in same:
                left.add(one.file, f"listed {_times(len(same))}, as {titles}")
            continue
        kept.append(same[0])
        for one in same[1:]:
            left.add(one.file, f"listed {_times(len(same))}, each time as {one.expression.title}")
    return kept


def with_text(candidates: Sequence[Candidate], left: Left) -> list[Candidate]:
    """Those whose path is text: one in an older encoding fits into no database."""
    kept: list[Candidate] = []
    for one in candidates:
        try:
            str(one.file).encode()
        except UnicodeEncodeError:
            left.add(one.file, "its path is not UTF-8: rename it")
        else:
            kept.append(one)
    return kept


def one_per_image(
    read: Sequence[tuple[Candidate, Outcome]], known: dict[str, str], left: Left
) -> list[Inspected]:
    """As ``one_per_file`` for equal bytes. ``known`` has the study's files by hash."""
    fresh: list[tuple[Candidate, InspectedImage]] = []
    for candidate, outcome in read:
        if isinstance(outcome, str):
            left.add(candidate.file, outcome)
        elif outcome.sha256 in known:
            left.known += 1
            left.add(candidate.file, f"in the study already, as {known[outcome.sha256]}")
        else:
            fresh.append((candidate, outcome))
    kept: list[Inspected] = []
    for group in _group([picture.sha256 for _, picture in fresh]):
        kept += _choose_agreeing([fresh[row] for row in group], left)
    return kept


def _choose_agreeing(
    same: Sequence[tuple[Candidate, InspectedImage]], left: Left
) -> list[Inspected]:
    """The first of several files with the same bytes; nothing if their labels differ."""
    first, picture = same[0]
    titles = _contradiction([_describe(one) for one, _ in same])
    if titles:
        for one, _ in same:
            twin = next(other.file for other, _ in same if _describe(other) != _describe(one))
            left.add(one.file, f"same bytes as {relative(twin, left.folder)}: labelled {titles}")
        return []
    for one, _ in same[1:]:
        left.add(one.file, f"same bytes as {relative(first.file, left.folder)}")
    inspected = Inspected(
        file=first.file,
        subject=first.subject,
        expression=first.expression,
        condition=first.condition,
        pair=first.pair,
        sha256=picture.sha256,
        shape=picture.shape,
        thumbnail=picture.thumbnail,
    )
    return [inspected]


def _group(keys: Iterable[Hashable]) -> list[list[int]]:
    """Rows with equal keys, in the order of their first."""
    groups: dict[Hashable, list[int]] = {}
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _describe(candidate: Candidate) -> Shown:
    return candidate.expression, candidate.condition


def _contradiction(shown: Sequence[Shown]) -> str:
    """The labels, if there are several: “happy and sad”, “non-masked sad and masked sad”."""
    several = len({condition for _, condition in shown}) > 1
    titles = [f"{c.title} {e.title}" if several else e.title for e, c in dict.fromkeys(shown)]
    return " and ".join(titles) if len(titles) > 1 else ""


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
