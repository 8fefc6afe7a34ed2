"""Whose face a file shows, by its name, where nothing else tells it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.domain import Failure
from engine.formats.base import Candidate, plural, relative
from engine.formats.spelling import dissect, tokens

_FEWEST = 3  # fewer subjects than this are a counter or a camera's prefix, not people
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
    if pattern:
        rules = [("as your pattern says", by_pattern(pattern))]
        candidates = [replace(one, subject="") for one in candidates]
    else:
        rules = list(_RULES)
    named, notes = list(candidates), []
    for title, rule in rules:
        found = {i: rule(one.file.stem) for i, one in enumerate(named) if not one.subject}
        found = {i: subject for i, subject in found.items() if subject}
        if found and (pattern or len(set(found.values())) >= _FEWEST):
            notes.append(_told(title, [named[i] for i in found], list(found.values())))
            named = [replace(one, subject=found.get(i, one.subject)) for i, one in enumerate(named)]
    alone = sum(not one.subject for one in named)
    if alone:
        notes.append(f"{plural(alone, 'file')} without a subject: each counts as one of its own.")
    return tuple(replace(o, subject=o.subject or _own(o, folder)) for o in named), tuple(notes)


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


def _published(stem: str) -> str:
    match = _PUBLISHED.match(stem)
    return match[match.lastgroup] if match and match.lastgroup else ""


def _marked(stem: str) -> str:
    match = _MARKED.match(stem)
    return match[1] if match else ""


def _leading(stem: str) -> str:
    """“001” of “001_03”, but nothing of “img001_03”."""
    match = _LEADING.match(stem)
    generic = match and match[1].lower().rstrip("0123456789") in _GENERIC
    return match[1] if match and not generic else ""


def _counted(stem: str) -> str:
    """“Colin_Powell” of “Colin_Powell_0001”, but nothing of “img_01” or “happy_masked_7”."""
    match = _COUNTED.match(stem)
    name = match[1].strip("-_. ") if match else ""
    words = dissect(name)[2]
    if all(word.lower() in _GENERIC for word in words):
        return ""
    return name if len(words) == len(tokens(name)) else "_".join(words)


_RULES: tuple[tuple[str, Rule], ...] = (
    ("as JAFFE, KDEF and RaFD give them", _published),
    ("a marked number first in the name", _marked),
    ("the number first in the name", _leading),
    ("the name before the last number", _counted),
)


def _told(title: str, candidates: Sequence[Candidate], subjects: Sequence[str]) -> str:
    example = f"“{subjects[0]}” in {candidates[0].file.name}"
    people = plural(len(set(subjects)), "subject")
    return f"{people} from file names, {title}: {example} ({plural(len(subjects), 'file')})."


def _own(candidate: Candidate, folder: Path) -> str:
    """Both of a pair share it."""
    return candidate.pair or relative(candidate.file.with_suffix(""), folder)
