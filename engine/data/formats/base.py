"""What a dataset layout must tell: which files are samples, of whom and showing what."""

import os
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.data.images import SUFFIXES
from engine.domain import Condition, Expression
from engine.store.study import Skipped


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user may say about a folder; what is left empty is guessed."""

    table: str = ""  # the table's file name, where there are several
    path: str = ""  # the table's columns, by their header
    expression: str = ""
    subject: str = ""
    condition: str = ""
    pair: str = ""
    subject_pattern: str = ""  # a regular expression on file names; group ``subject`` or the first
    default_condition: Condition = Condition.NON_MASKED  # where nothing tells it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that becomes a sample if it can be read. An empty subject is unknown.

    ``perhaps`` names whom it may show if nothing else tells.
    """

    file: Path
    subject: str
    expression: Expression
    condition: Condition
    pair: str = ""
    perhaps: str = ""


@dataclass(frozen=True, slots=True)
class FolderContent:
    """What a layout found. ``skipped`` files are named relative to the folder."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


class Format(ABC):
    """One layout. Its name is that of its module."""

    title: ClassVar[str]
    example: ClassVar[Mapping[str, str]]  # text by file: a happy face, and what is beside it

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether the folder looks like this layout, by its names alone."""

    @abstractmethod
    def read(self, folder: Path, options: ImportOptions) -> FolderContent:
        """Every sample the folder promises. Opens no image. Raises ``Failure``."""


def walk(folder: Path) -> list[Path]:
    """Every file below, sorted, without hidden ones."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        found += [Path(place, name) for name in sorted(files) if not _is_hidden(name)]
    return found


def images(folder: Path) -> list[Path]:
    """Every image file below, by suffix."""
    return [file for file in walk(folder) if file.suffix.lower() in SUFFIXES]


def relative(file: Path, folder: Path) -> str:
    """How the user sees a file of the folder; in full if it lies elsewhere."""
    inside = file.is_relative_to(folder)
    return file.relative_to(folder).as_posix() if inside else str(file)


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def find_paired_keys(pairs: Iterable[tuple[str, Condition]]) -> set[str]:
    """The keys that occur exactly once in each condition: those are pairs."""
    seen: dict[str, list[Condition]] = {}
    for key, condition in pairs:
        seen.setdefault(key, []).append(condition)
    return {key for key, conditions in seen.items() if sorted(conditions) == list(Condition)}


def canonical(text: str) -> str:
    """One form for names that look alike: composed accents, forward slashes."""
    return unicodedata.normalize("NFC", text).replace("\\", "/")


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))
