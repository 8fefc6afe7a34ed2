"""Whether a study is still sound: its files, its look-alikes, its pairs."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.data.formats.base import plural
from engine.data.images import MOST, Unreadable, decode
from engine.data.inspection import InspectedImage, read_all
from engine.data.near_duplicates import compare
from engine.domain import Condition, Dataset, Expression, Sample
from engine.events import Progressed, Report
from engine.store.files import read_bytes
from engine.store.study import Study
from engine.system.faults import cause

STEP = "Checking files"
_REPORTED = 50  # files between two reports
_STORED = 400  # thumbnails between two writes


class Kind(StrEnum):
    """What can be wrong with samples."""

    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    PAIR = "pairs"
    LEAK = "possible_leaks"
    NEAR = "near_duplicates"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with these samples, in a sentence."""

    kind: Kind
    samples: tuple[int, ...]
    files: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Findings:
    """What a check found. ``notes`` are facts worth knowing, not faults."""

    samples: int
    subjects: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def check(study: Study, report: Report) -> Findings:
    """Read every file again and compare all images. Changes nothing but the cache."""
    dataset = study.dataset()
    files = _files(dataset.samples, report)
    thumbnails(study, report)
    findings = [*files, *_pairs(dataset.samples), *_look_alikes(study, dataset, report)]
    subjects = len({sample.subject for sample in dataset.samples})
    return Findings(len(dataset), subjects, tuple(findings), tuple(_notes(dataset)))


def document(found: Findings) -> dict[str, Any]:
    """The findings as plain data, for ``msde check --json``."""
    by_kind: dict[str, Any] = {
        kind.value: [
            {"samples": list(one.samples), "files": list(one.files), "text": one.text}
            for one in found.findings
            if one.kind is kind
        ]
        for kind in Kind
    }
    facts = {"samples": found.samples, "subjects": found.subjects, "notes": list(found.notes)}
    return {"sound": not found.findings, **facts, **by_kind}


def thumbnails(study: Study, report: Report) -> int:
    """Make the thumbnails that are missing, of files that have not changed; how many."""
    known = study.thumbnails.known()
    missing = [sample for sample in study.dataset().samples if sample.sha256 not in known]
    made = 0
    for start in range(0, len(missing), _STORED):
        part = missing[start : start + _STORED]
        outcomes = read_all([sample.file for sample in part], report)
        good = [
            (outcome.sha256, outcome.thumbnail)
            for sample, outcome in zip(part, outcomes, strict=True)
            if isinstance(outcome, InspectedImage) and outcome.sha256 == sample.sha256
        ]
        study.thumbnails.add(good)
        made += len(good)
    return made


def _files(samples: Sequence[Sample], report: Report) -> list[Finding]:
    found: list[Finding] = []
    for done, sample in enumerate(samples):
        if done % _REPORTED == 0:
            report(Progressed(STEP, done, len(samples)))
        found += _file(sample)
    report(Progressed(STEP, len(samples), len(samples)))
    return found


def _file(sample: Sample) -> Iterable[Finding]:
    """A file with the bytes it was imported with can be read, because it was then."""
    if not sample.file.exists():
        return [_finding(Kind.MISSING, [sample], f"{sample.file} is not there any more.")]
    try:
        if hashlib.sha256(read_bytes(sample.file, MOST)).hexdigest() == sample.sha256:
            return []
        decode(sample.file)
    except Unreadable as error:
        return [_finding(Kind.UNREADABLE, [sample], str(error))]
    except OSError as error:
        text = f"{sample.file} cannot be read: {cause(error)}."
        return [_finding(Kind.UNREADABLE, [sample], text)]
    return [_finding(Kind.CHANGED, [sample], f"{sample.file} has changed since its import.")]


def _pairs(samples: Sequence[Sample]) -> Iterable[Finding]:
    pairs: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.pair:
            pairs[sample.pair].append(sample)
    for key, both in pairs.items():
        if sorted(one.condition for one in both) != list(Condition):
            conditions = ", ".join(one.condition.title for one in both)
            yield _finding(Kind.PAIR, both, f"Pair {key} is not whole: it has {conditions}.")
        elif len({(one.subject, one.expression) for one in both}) > 1:
            shown = " and ".join(f"{one.subject} {one.expression.title}" for one in both)
            yield _finding(Kind.PAIR, both, f"Pair {key} shows different things: {shown}.")


def _look_alikes(study: Study, dataset: Dataset, report: Report) -> Iterable[Finding]:
    """Images that nearly equal each other, unless they are a pair."""
    groups = compare(study, dataset, report)
    for number in range(int(groups.max(initial=-1)) + 1):
        same = [dataset.samples[row] for row in np.flatnonzero(groups == number).tolist()]
        subjects = sorted({one.subject for one in same})
        if len(subjects) > 1:
            text = f"{len(same)} images look the same but are of {', '.join(subjects)}."
            yield _finding(Kind.LEAK, same, text)
        elif len({one.pair or one.id for one in same}) > 1:
            text = f"{len(same)} images of {subjects[0]} look the same."
            yield _finding(Kind.NEAR, same, text)


def _notes(dataset: Dataset) -> Iterable[str]:
    counts = dataset.counts()
    conditions = [one for one in Condition if counts[:, one].any()]
    for condition in conditions:
        missing = [one.title for one in Expression if not counts[one, condition]]
        if missing:
            yield f"No {condition.title} image shows {', '.join(missing)}."
    seen: dict[str, set[Condition]] = defaultdict(set)
    for sample in dataset.samples:
        seen[sample.subject].add(sample.condition)
    for condition in Condition:
        only = sum(found == {condition} for found in seen.values())
        if only:
            yield f"{plural(only, 'subject')} only {condition.title}."


def _finding(kind: Kind, samples: Sequence[Sample], text: str) -> Finding:
    files = tuple(str(sample.file) for sample in samples)
    return Finding(kind, tuple(sample.id for sample in samples), files, text)
