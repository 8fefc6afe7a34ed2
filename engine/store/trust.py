"""The folders outside of studies whose images this user has imported, or agreed to have read.

The record is the user's own and lies in no study: a study from elsewhere may name any file.
"""

import json
import os
import tempfile
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import platformdirs

from engine.domain import Failure
from engine.store.files import read_bytes, write_json

RECORD = "folders.json"
MOST = 16 << 20  # bytes of the record
NAMED = 5  # folders in a sentence
MANY = 100  # folders that are asked for one by one
AGREED = "MSDE_TRUST"  # an environment variable: agree to whatever folder a study names
_here: set[str] = set()  # of this process, where no record can be kept


class Strangers(Failure):
    """A study takes images from folders that its user has never agreed to."""

    def __init__(self, study: Path, folders: tuple[str, ...]) -> None:
        super().__init__(study, folders)
        self.study, self.folders = study, folders

    def __str__(self) -> str:
        more = len(self.folders) - NAMED
        named = ", ".join(self.folders[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        return (
            f"The study {self.study} was not made here and takes images from {named}: if you trust "
            "it, say --trust once."
        )


def outside(study: Path, files: Iterable[str], sources: Iterable[str]) -> tuple[str, ...]:
    """The folders of these files of a study's samples that lie outside of it, sorted.

    A folder within one that an import recorded is named by that one; of very many others, the
    one that holds them all is named.
    """
    homes = {str(study), str(study.resolve())}
    roots = [os.path.normpath(study / source) for source in sources]
    found, other = set[str](), set[str]()
    plainly = tuple(f"{place}/" for place in (*homes, *roots))
    plain = files if os.sep == "/" else [file.replace(os.sep, "/") for file in files]
    for name in {file[: file.rfind("/") + 1] for file in plain}:  # of half a million in no time
        at = next((n for n, place in enumerate(plainly) if name.startswith(place)), -1)
        if at >= 0 and os.sep == "/" and "/." not in name:  # as nearly all: told without detour
            found.update(roots[at - len(homes) :][:1] if at >= len(homes) else ())
            continue
        folder = os.path.normpath(study / name)
        if not _within(folder, homes):
            root = next((root for root in roots if _within(folder, [root])), "")
            (found if root else other).add(root or folder)
    return tuple(sorted(found | _gather(other)))


def unknown(folders: Iterable[str]) -> tuple[str, ...]:
    """Those that the user has not agreed to."""
    agreed = _here.union(*map(_load_record, _places()))
    return tuple(folder for folder in folders if not _within(folder, agreed))


def meet(study: Path, folders: Iterable[str]) -> None:
    """Raise ``Strangers`` if the study takes images from folders that nobody agreed to."""
    new = unknown(folders)
    if new and not os.environ.get(AGREED):
        raise Strangers(study, new)
    agree(new)


def agree(folders: Iterable[str]) -> None:
    """From now on their images are read without a question."""
    new = set(unknown(folders))
    _here.update(new)
    for place in _places() if new else ():
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(place, sorted(new | _load_record(place)))
            return


def _within(folder: str, roots: Collection[str]) -> bool:
    """Whether it or a folder above it is among the roots, however many these are."""
    above = os.path.dirname(folder)  # noqa: PTH120, of half a million
    return folder in roots or (above != folder and _within(above, roots))


def _gather(folders: set[str]) -> set[str]:
    """Many folders by the one that holds them all, if it is not the whole disk."""
    common = os.path.commonpath(folders) if len(folders) > MANY else os.sep
    whole = os.path.dirname(common) == common  # noqa: PTH120
    return folders if whole else {common}


def _places() -> list[Path]:
    """Where the record lies; the second is for users without a home, as in containers."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    second = Path(tempfile.gettempdir(), f"msde-studio-{user}")
    folders = (platformdirs.user_data_path("msde-studio"), second)
    return [folder / RECORD for folder in folders if folder.is_absolute()]


def _load_record(place: Path) -> set[str]:
    """Nothing of a record that is damaged or another user's."""
    try:
        if hasattr(os, "geteuid") and place.stat().st_uid != os.geteuid():
            return set()
        folders = json.loads(read_bytes(place, MOST))
    except (OSError, ValueError, RecursionError):
        return set()
    return {one for one in folders if isinstance(one, str)} if isinstance(folders, list) else set()
