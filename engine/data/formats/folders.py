"""Class folders such as ``happy/`` or ``S01/masked/Happiness/``, in any order of levels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from engine.data import label_words
from engine.data.formats.base import (
    Candidate,
    FolderContent,
    Format,
    ImportOptions,
    find_paired_keys,
    images,
    relative,
)
from engine.domain import Condition, Expression
from engine.store.study import Skipped

_PLACE_WORDS = (
    "affectnet aligned back color colour crop cropped data dataset faces female frontal front gray"
    " grey image images img left male original private profile public raw right test testing train"
    " training val valid validation"
)
_PLACES = frozenset(_PLACE_WORDS.split())
_FEWEST = 3  # fewer values of a level may be parts of a dataset, not people
_NO_EXPRESSION = "no folder in its path names one of the seven expressions"


@dataclass(frozen=True)
class _Level:
    """One folder name of a path: what it says, and what is left of it."""

    text: str
    expressions: frozenset[Expression]
    condition: Condition | None
    rest: str


class Folders(Format):
    title = "Folders named after expressions"
    example: ClassVar[Mapping[str, str]] = {"happy/S01_a.jpg": ""}

    def recognises(self, folder: Path) -> bool:
        places = {file.parent.relative_to(folder).parts for file in images(folder)}
        return any(_level(text, True).expressions for parts in places for text in parts)

    def read(self, folder: Path, options: ImportOptions) -> FolderContent:
        files = images(folder)
        paths = _levels([file.relative_to(folder).parts[:-1] for file in files])
        classes = _class_depth(paths)
        names, people = _subjects(paths, classes)
        found: list[Candidate] = []
        skipped: list[Skipped] = []
        for file, path, name in zip(files, paths, names, strict=True):
            expression = _expression(path, classes)
            if isinstance(expression, str):
                skipped.append(Skipped(relative(file, folder), expression))
            else:
                condition = _condition(path, file, options.default_condition)
                subject = name if people else ""
                found.append(Candidate(file, subject, expression, condition, perhaps=name))
        candidates, notes = _pair(found, folder)
        return FolderContent(candidates, tuple(skipped), notes)


def _levels(paths: Sequence[Sequence[str]]) -> list[list[_Level]]:
    """Read each distinct name once. “m” means masked only where an “nm” is about."""
    names = {text for path in paths for text in path}
    codes = any("".join(label_words.tokens(text)).lower() == "nm" for text in names)
    known = {text: _level(text, codes) for text in names}
    return [[known[text] for text in path] for path in paths]


def _level(text: str, codes: bool) -> _Level:
    expression, condition = label_words.expression(text), label_words.condition(text)
    if expression is not None:
        return _Level(text, frozenset({expression}), None, "")
    if condition is not None and (codes or len(text) > 1):
        return _Level(text, frozenset(), condition, "")
    expressions, conditions, rest = label_words.dissect(text)
    words = [word for word in rest if word.lower() not in _PLACES]
    own = not expressions and not conditions
    kept = text if own and words else "_".join(words)
    only = conditions.pop() if len(conditions) == 1 else None
    return _Level(text, frozenset(expressions), only, kept)


def _class_depth(paths: Sequence[Sequence[_Level]]) -> int:
    """The level that names an expression most often; the deeper of two."""
    votes = Counter(
        depth for path in paths for depth, level in enumerate(path) if len(level.expressions) == 1
    )
    return max(votes, key=lambda depth: (votes[depth], depth), default=0)


def _expression(path: Sequence[_Level], classes: int) -> Expression | str:
    """What the path says, or why it says nothing."""
    if classes < len(path) and len(path[classes].expressions) == 1:
        return next(iter(path[classes].expressions))
    named = sorted({one for level in path for one in level.expressions})
    if len(named) == 1:
        return named[0]
    if named:
        return f"its path names both {named[0].title} and {named[1].title}"
    if classes < len(path) and path[classes].rest:
        return f"“{path[classes].text}” is not one of the seven expressions"
    return _NO_EXPRESSION


def _condition(path: Sequence[_Level], file: Path, default: Condition) -> Condition:
    """The deepest folder that tells, else the file's name, else what the user said."""
    told = [level.condition for level in path if level.condition is not None]
    if told:
        return told[-1]
    by_name = label_words.dissect(file.stem)[1]
    return by_name.pop() if len(by_name) == 1 else default


def _subjects(paths: Sequence[Sequence[_Level]], classes: int) -> tuple[list[str], bool]:
    """The names in the level that has the most of them, and whether these must be people."""
    values: dict[int, set[str]] = {}
    for path in paths:
        for depth, level in enumerate(path):
            if level.rest and _may_name_people(level, depth == classes):
                values.setdefault(depth, set()).add(level.rest)
    best = max(values, key=lambda depth: len(values[depth]), default=-1)
    if best < 0:
        return [""] * len(paths), False
    names = [
        path[best].rest if best < len(path) and path[best].rest in values[best] else ""
        for path in paths
    ]
    return names, len(values[best]) >= _FEWEST


def _may_name_people(level: _Level, class_level: bool) -> bool:
    """“S01” and “S01_happy” may; “contempt” beside “happy” and “01_happy” may not."""
    if not class_level:
        return not level.expressions or not level.rest.isdigit()
    return bool(level.expressions) and not level.rest.isdigit() and _is_number(level.rest)


def _is_number(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _pair(
    found: Sequence[Candidate], folder: Path
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Pair images whose paths differ in nothing but the condition."""
    keys = [_without_condition(one.file, folder) for one in found]
    both = find_paired_keys((key, one.condition) for key, one in zip(keys, found, strict=True))
    candidates = tuple(
        replace(one, pair=key if key in both else "") for key, one in zip(keys, found, strict=True)
    )
    note = f"{len(both):,} pairs: images whose paths differ only in the condition."
    return candidates, (note,) if both else ()


def _without_condition(file: Path, folder: Path) -> str:
    parts = file.relative_to(folder).with_suffix("").parts
    kept = [part for part in parts[:-1] if label_words.condition(part) is None]
    words = [word for word in map(_bare, (*kept, parts[-1])) if word]
    return "/".join(words)


def _bare(text: str) -> str:
    """The name without the words that tell a condition."""
    expressions, conditions, rest = label_words.dissect(text)
    if not conditions:
        return text
    return "_".join([one.title for one in sorted(expressions)] + rest)
