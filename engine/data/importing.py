"""Look through a folder of faces, account for each file, and add what is usable to a study."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import plugins
from engine.data.duplicates import Left, one_per_file, one_per_image, with_text
from engine.data.formats.base import FolderContent, Format, ImportOptions, find_paired_keys, images
from engine.data.inspection import read_all
from engine.data.subject_names import name_subjects
from engine.domain import Condition, Expression, Failure
from engine.events import Report, silent
from engine.store.study import Inspected, Skipped, Study, source_of
from engine.system.faults import cause

FORMATS = "engine.data.formats"


@dataclass(frozen=True)
class Import:
    """What a folder holds, before anything is stored."""

    name: str
    format: str
    folder: Path
    images: tuple[Inspected, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]

    @property
    def subjects(self) -> int:
        return len({image.subject for image in self.images})

    @property
    def pairs(self) -> int:
        return len({image.pair for image in self.images if image.pair})

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Images by expression and condition."""
        found = Counter((image.expression, image.condition) for image in self.images)
        return {e.title: {c.short: found[e, c] for c in Condition} for e in Expression}


def inspect(
    folder: Path,
    study: Study | None = None,
    format: str = "",
    name: str = "",
    options: ImportOptions | None = None,
    report: Report = silent,
) -> Import:
    """Read every image whole. Raises ``Failure`` if nothing at all can be used."""
    folder, options = _check_folder(folder), options or ImportOptions()
    title = _dataset_name(folder, study, name)
    layout, reading = _read_layout(folder, format, options)
    left = Left(folder, list(reading.skipped))
    named = one_per_file(with_text(reading.candidates, left), left)
    kept, notes = name_subjects(named, folder, options.subject_pattern)
    outcomes = read_all([one.file for one in kept], report)
    known = study.hashes() if study else {}
    found = one_per_image(list(zip(kept, outcomes, strict=True)), known, left)
    if not found and not left.known:
        raise Failure(_nothing(folder, left.skipped))
    paired = _pair(found, title)
    return Import(title, layout, folder, paired, tuple(left.skipped), reading.notes + notes)


def save(found: Import, study: Study, copy: bool = False) -> None:
    """Add the import to the study, whole or not at all. ``copy`` keeps the images inside it."""
    if not found.images:
        raise Failure(f"Every image of {found.folder} is in the study already, or was left out.")
    source = source_of(found.name, found.format, found.folder)
    try:
        study.add(source, found.images, found.skipped, copy)
    except sqlite3.IntegrityError as error:
        raise Failure(
            f"The study {study.folder} has changed since {found.folder} was read: import it again."
        ) from error
    except (OSError, sqlite3.OperationalError) as error:
        raise Failure(
            f"The import cannot be written to {study.folder}: {cause(error)}. Nothing was added: "
            "import again then."
        ) from error


def document(found: Import) -> dict[str, Any]:
    """The import as plain data, for ``msde import --json``."""
    return {
        "dataset": found.name,
        "format": found.format,
        "imported": len(found.images),
        "subjects": found.subjects,
        "pairs": found.pairs,
        "counts": found.counts,
        "skipped": [{"file": one.file, "reason": one.reason} for one in found.skipped],
        "notes": list(found.notes),
    }


def _check_folder(folder: Path) -> Path:
    place = folder.expanduser().resolve()
    if not place.exists():
        raise Failure(f"There is no folder {folder}: check its name.")
    if not place.is_dir():
        raise Failure(f"{folder} is a file: choose the folder that holds the images.")
    if not images(place):
        raise Failure(f"{folder} holds no images: choose the folder that does.")
    return place


def _read_layout(folder: Path, name: str, options: ImportOptions) -> tuple[str, FolderContent]:
    """By the layout named, else by the one that finds most of those that recognise the folder."""
    if name:
        return name, plugins.find_one(name, Format, FORMATS)().read(folder, options)
    known = {key: layout() for key, layout in plugins.find(Format, FORMATS).items()}
    fitting = {key: layout for key, layout in known.items() if layout.recognises(folder)}
    if not fitting:
        titles = "; ".join(layout.title for layout in known.values())
        raise Failure(f"{folder} is in no layout that is known. Looked for: {titles}.")
    return _fullest(folder, fitting, options)


def _fullest(
    folder: Path, layouts: Mapping[str, Format], options: ImportOptions
) -> tuple[str, FolderContent]:
    """The layout that finds most samples. Its own ``Failure`` stands if none finds any."""
    best, failure = ("", FolderContent(())), None
    for name, layout in layouts.items():
        try:
            reading = layout.read(folder, options)
        except Failure as error:
            failure = failure or error
            continue
        if not best[0] or len(reading.candidates) > len(best[1].candidates):
            best = name, reading
    if failure and not best[1].candidates:
        raise failure
    return best


def _dataset_name(folder: Path, study: Study | None, name: str) -> str:
    """What the user chose, else the folder's name with a number if it is taken."""
    taken = {source.name for source in study.sources()} if study else set()
    if name in taken:
        raise Failure(f"The study has a dataset “{name}” already: choose another name.")
    kept = re.sub(r'[\\/:*?"<>|\x00-\x1f\ud800-\udfff]+', "-", name or folder.name)
    plain = kept.strip("-. ") or "dataset"
    names = [plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def _pair(found: Sequence[Inspected], dataset: str) -> tuple[Inspected, ...]:
    """Make pairs where a subject shows an expression once in each condition; drop halves.

    A pair that the layout names lies within a subject and an expression, so that one of them may
    have several.
    """
    shown = [f"{image.subject}/{image.expression.title}" for image in found]
    keys = [f"{s}/{i.pair}" if i.pair else s for s, i in zip(shown, found, strict=True)]
    both = find_paired_keys((key, image.condition) for key, image in zip(keys, found, strict=True))
    return tuple(
        replace(image, pair=f"{dataset}:{key}" if key in both else "")
        for key, image in zip(keys, found, strict=True)
    )


def _nothing(folder: Path, skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return f"{folder} names no image that can be imported."
    first = skipped[0]
    return (
        f"None of the {len(skipped):,} files of {folder} can be used. "
        f"The first, {first.file}: {first.reason}."
    )
