"""The MSD-E authors' layout: folders MSD-E and MSD-ME, names ``<subject>_<label>_…``."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from engine.data.formats.base import (
    Candidate,
    FolderContent,
    Format,
    ImportOptions,
    images,
    relative,
)
from engine.domain import Condition, Expression, Failure
from engine.store.study import Skipped

_FOLDERS = {"msde": Condition.NON_MASKED, "msdme": Condition.MASKED}
_LABELS = {str(expression.value): expression for expression in Expression}


class MSDEFolders(Format):
    title = "MSD-E and MSD-ME, as the authors name their files"
    example: ClassVar[Mapping[str, str]] = {"MSD-E/1_3_x.jpg": ""}

    def recognises(self, folder: Path) -> bool:
        return bool(_folders(folder))

    def read(self, folder: Path, options: ImportOptions) -> FolderContent:
        places = _folders(folder)
        if not places:
            raise Failure(f"{folder} has no folder MSD-E or MSD-ME: choose the one that has.")
        found: list[Candidate] = []
        skipped: list[Skipped] = []
        for place in places:
            for file in images(place):
                one = _candidate(file, place)
                if isinstance(one, str):
                    skipped.append(Skipped(relative(file, folder), one))
                else:
                    found.append(one)
        return FolderContent(tuple(found), tuple(skipped))


def _folders(folder: Path) -> list[Path]:
    below = sorted(place for place in folder.iterdir() if place.is_dir())
    return [place for place in below if _plain(place.name) in _FOLDERS]


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _candidate(file: Path, place: Path) -> Candidate | str:
    """The sample, or why the name tells none."""
    subject, _, rest = file.stem.partition("_")
    label = rest.partition("_")[0]
    if not subject or not label:
        return "its name is not <subject>_<label>_…"
    if label not in _LABELS:
        return f"its label “{label}” is not one of the paper's 0 to 6"
    key = relative(file.with_suffix(""), place)
    return Candidate(file, subject, _LABELS[label], _FOLDERS[_plain(place.name)], key)
