"""Whose face a file shows, by its name, where nothing else tells it."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from engine.data.formats.base import Candidate, plural, relative
from engine.data.label_words import dissect, tokens
from engine.domain import Expression, Failure

_FEWEST = 3  # fewer subjects than this may be a counter or a camera's prefix, not people
_GENERIC_WORDS = (
    "aligned crop cropped dsc face faces file frame image images img jpg photo pic picture png"
    " private privatetest public publictest resized sample screenshot test testing train training"
    " val valid validation"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_PUBLISHED = re.compile(
    r"(?P<jaffe>[A-Z]{2})\.[A-Z]{2}\d\.\d+$"
    r"|[AB](?P<kdef>[FM]\d\d)[A-Z]{2}(?:S|HL|HR|FL|FR)$"
    r"|Rafd\d{3}_(?P<rafd>\d\d)_",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"((?:subject|subj|sub|person|participant|id|s|p)[-_ ]?\d{1,6}[a-z]?)(?=[\W_]|$)", re.IGNORECASE
)
_LEADING = re.compile(r"([a-z]{0,4}\d{1,6}[a-z]?)[-_. ]+\S", re.IGNORECASE)
_COUNTED = re.compile(r"((?:[^\W\d_][^\d_]*[-_. ]+)+)\d+$")

Rule = Callable[[str], str]


def name_subjects(
    candidates: Sequence[Candidate], folder: Path, pattern: str
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Give every candidate a subject; the notes tell how. A pattern goes before all else."""
    named, notes = list(candidates), []
    if pattern:
        rules = [("from file names, as your pattern says", by_pattern(pattern))]
        named = [replace(one, subject="") for one in candidates]
    else:
        rules = list(_RULES)
    known = {i: one.subject for i, one in enumerate(named) if one.subject}
    notes += [_describe("as the layout tells", named, known)] if known else []
    for title, rule in rules:
        found = {i: rule(one.file.stem) for i, one in enumerate(named) if not one.subject}
        found = {i: subject for i, subject in found.items() if subject}
        if found and (pattern or len(set(found.values())) >= _FEWEST):
            notes.append(_describe(title, named, found))
            named = _with(named, found)
    if not pattern:
        named, more = _name_few(named)
        notes += more
    notes += _list_unnamed(named)
    return tuple(replace(o, subject=o.subject or _own(o, folder)) for o in named), tuple(notes)


def _name_few(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[str]]:
    """Take for people what is seen under several expressions: two names, or plain words.

    To make many of one person would let a fold train on whom it tests, and nobody would see it;
    to make one of many is seen at once.
    """
    named, notes = list(candidates), []
    for title, rule in _FEW:
        found = {i: rule(one) for i, one in enumerate(named) if not one.subject}
        shown = _group_expressions(named, {i: subject for i, subject in found.items() if subject})
        people = {subject for subject, expressions in shown.items() if len(expressions) > 1}
        if len(people) > 1 and (len(people) == len(shown) or title == _BY_WORD):
            found = {i: subject for i, subject in found.items() if subject in people}
            notes.append(f"{_describe(title, named, found)} {_UNLESS}")
            named = _with(named, found)
    return named, notes


def _list_unnamed(candidates: Sequence[Candidate]) -> list[str]:
    """What to know of files whose subject nothing tells."""
    alone = {i: one.file.stem for i, one in enumerate(candidates) if not one.subject}
    if not alone:
        return []
    notes = [f"{plural(len(alone), 'file')} without a subject: each counts as one of its own."]
    again = [
        name for name, shown in _group_expressions(candidates, alone).items() if len(shown) > 1
    ]
    if len(again) > 1:
        notes.append(
            f"{plural(len(again), 'name')} such as “{again[0]}” stand under several expressions: "
            "if they are people's, import with the subject pattern (.+)."
        )
    return notes


def by_pattern(pattern: str) -> Rule:
    """The user's regular expression, searched in a file's name. Raises ``Failure``."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise Failure(
            f"The subject pattern “{pattern}” is not a regular expression: {error}."
        ) from error
    if not compiled.groups:
        raise Failure(
            f"The subject pattern “{pattern}” has no group: put what names the subject in brackets."
        )
    group: str | int = "subject" if "subject" in compiled.groupindex else 1

    def rule(stem: str) -> str:
        match = compiled.search(stem)
        return (match[group] or "").strip() if match else ""

    return rule


def _group_expressions(
    candidates: Sequence[Candidate], subjects: Mapping[int, str]
) -> dict[str, set[Expression]]:
    """The expressions that each of the subjects shows."""
    shown = defaultdict(set)
    for i, subject in subjects.items():
        shown[subject].add(candidates[i].expression)
    return shown


def _with(candidates: Sequence[Candidate], subjects: Mapping[int, str]) -> list[Candidate]:
    return [replace(o, subject=subjects.get(i, o.subject)) for i, o in enumerate(candidates)]


def _parse_published(stem: str) -> str:
    match = _PUBLISHED.match(stem)
    return match[match.lastgroup] if match and match.lastgroup else ""


def _parse_marked(stem: str) -> str:
    match = _MARKED.match(stem)
    return match[1] if match else ""


def _leading(stem: str) -> str:
    """“001” of “001_03”, but nothing of “img001_03”."""
    match = _LEADING.match(stem)
    generic = match and match[1].lower().rstrip("0123456789") in _GENERIC
    return match[1] if match and not generic else ""


def _parse_counted(stem: str) -> str:
    """“Colin_Powell” of “Colin_Powell_0001”, but nothing of “img_01” or “happy_masked_7”."""
    match = _COUNTED.match(stem)
    name = match[1].strip("-_. ") if match else ""
    words = dissect(name)[2]
    if all(word.lower() in _GENERIC for word in words):
        return ""
    return name if len(words) == len(tokens(name)) else "_".join(words)


def _word(stem: str) -> str:
    """“anna” of “anna” and “anna_happy”, but nothing of what has a number or one letter."""
    words = dissect(stem)[2]
    counted = any(letter.isdigit() for letter in stem)
    plain = counted or all(len(word) < 2 or word.lower() in _GENERIC for word in words)
    return "" if plain else "_".join(words)


_BY_WORD = "from file names, the words without a number"
_UNLESS = "If these are no people, import with the subject pattern (.+)."
_RULES: tuple[tuple[str, Rule], ...] = (
    ("from file names, as JAFFE, KDEF and RaFD give them", _parse_published),
    ("from file names, a marked number first in the name", _parse_marked),
    ("from file names, the number first in the name", _leading),
    ("from file names, the name before the last number", _parse_counted),
)


def _of_name(rule: Rule) -> Callable[[Candidate], str]:
    return lambda candidate: rule(candidate.file.stem)


_FEW: tuple[tuple[str, Callable[[Candidate], str]], ...] = (
    *((title, _of_name(rule)) for title, rule in _RULES),
    (_BY_WORD, _of_name(_word)),
    ("from the folders", attrgetter("perhaps")),
)


def _describe(title: str, candidates: Sequence[Candidate], subjects: Mapping[int, str]) -> str:
    first = next(iter(subjects))
    people = plural(len(set(subjects.values())), "subject")
    example = f"“{subjects[first]}” in {candidates[first].file.name}"
    return f"{people} {title}: {example} ({plural(len(subjects), 'file')})."


def _own(candidate: Candidate, folder: Path) -> str:
    """Both of a pair share it."""
    return candidate.pair or relative(candidate.file.with_suffix(""), folder)
