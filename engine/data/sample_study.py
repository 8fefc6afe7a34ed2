"""The sample study that ships with the program: where it lies, and a copy that is ready to run."""

import csv
import io
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import psutil

from engine.data.formats.base import ImportOptions, walk
from engine.data.importing import Import, inspect, save
from engine.domain import Dataset, Failure, Sample
from engine.events import Progressed, Report, silent
from engine.store.files import read_bytes
from engine.store.study import Study
from engine.system import resources
from engine.system.faults import cause

NAME = "Sample study"
LABELS = "labels.csv"
_REGIONS = "regions"
_COLUMNS = ImportOptions(
    table=LABELS,
    path="file",
    expression="expression",
    subject="subject",
    condition="condition",
    pair="pair",
)
_STEP = "Copying images"
_DRAFT = ".draft"
_MOST = 64 << 20  # bytes of the table
CAUTION = (
    "The faces of this study were rendered so that networks find them about as hard as the "
    "paper's: where our numbers agree with the paper's, they do so partly by construction."
)
_MARK = "strength"  # the column of labels that only rendered faces have


def find_shipped() -> Path | None:
    """The folder in this installation or checkout, if there is one. It is only ever read."""
    folder = resources.find_shipped("sample")
    return folder if (folder / LABELS).is_file() else None


def copy(folder: Path, report: Report = silent) -> Import:
    """Make ``folder`` a study of its own, whole or not at all. Raises ``Failure``."""
    source = find_shipped()
    if source is None:
        raise Failure("The sample study is not part of this installation: install it again.")
    target = folder.expanduser().resolve()
    _check(target, folder)
    try:
        with _appearing(target) as draft:
            _copy_files(source, draft, report)
            found = inspect(draft, format="table", name=NAME, options=_COLUMNS, report=report)
            with Study(draft, create=True) as study:
                save(found, study)
    except (OSError, sqlite3.OperationalError) as error:
        raise Failure(
            f"The sample study cannot be copied to {folder}: {cause(error)}. Nothing is left "
            "there: choose a folder with room for 40 MB."
        ) from error
    return replace(found, notes=())  # of the region maps: they are no samples, and nothing is amiss


def region_map(sample: Sample) -> Path | None:
    """The picture, as large as the sample's, whose palette indices say what each pixel shows."""
    file = _root(sample) / _REGIONS / f"{sample.file.stem}.png"
    return file if file.is_file() else None


def truth(sample: Sample) -> Mapping[str, str]:
    """The sample's row of the table of labels, by column; empty if no table tells of it."""
    root = _root(sample)
    file = root / LABELS
    rows = _rows(file) if file.is_file() else {}
    return rows.get(sample.file.relative_to(root).as_posix(), {})


def is_rendered(dataset: Dataset) -> bool:
    """Whether its faces were made by ``msde synthesize``, as those of the sample study."""
    return any(_MARK in truth(sample) for sample in dataset.samples[:1])


def _root(sample: Sample) -> Path:
    return sample.file.parent.parent


@lru_cache(maxsize=2)
def _rows(file: Path) -> dict[str, dict[str, str]]:
    text = io.StringIO(read_bytes(file, _MOST).decode("utf-8"), newline="")
    return {row["file"]: row for row in csv.DictReader(text)}


def _check(target: Path, folder: Path) -> None:
    for place in (target, *target.parents):
        if place.is_file():
            raise Failure(f"{place} is a file: choose a new folder for the sample study.")
    if target.is_dir() and any(target.iterdir()):
        raise Failure(f"{folder} is not empty: choose a new folder for the sample study.")


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A hidden folder beside ``target`` that takes its place at the end, or is gone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}{_DRAFT}")
    try:
        draft.mkdir()
        yield draft
        if target.exists():
            target.rmdir()  # it is empty; not every system renames onto a folder
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what copies to the same place left that were killed."""
    start = f".{target.name}."
    for left in target.parent.iterdir():
        number = left.name.removeprefix(start).removesuffix(_DRAFT)
        draft = number.isdigit() and left.name == f"{start}{number}{_DRAFT}"
        if draft and not psutil.pid_exists(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _copy_files(source: Path, target: Path, report: Report) -> None:
    files = walk(source)
    for done, file in enumerate(files):
        if done % 100 == 0:
            report(Progressed(_STEP, done, len(files)))
        place = target / file.relative_to(source)
        place.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, place)
    report(Progressed(_STEP, len(files), len(files)))
