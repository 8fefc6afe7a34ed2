"""Find the image that a row of a table means."""

import os
from pathlib import Path

from engine.data.formats.base import canonical, images, plural


class Finder:
    """Looks beside the table, in the folder, in ``images/``, then for the name anywhere."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self._places = [beside, folder, beside / "images", folder / "images"]
        self._files = {canonical(str(file)): file for file in images(folder)}
        self._named: dict[str, list[Path]] = {}
        for file in self._files.values():
            for key in {canonical(file.name).casefold(), canonical(file.stem).casefold()}:
                self._named.setdefault(key, []).append(file)
        self._asked: set[Path] = set()

    def find(self, path: str) -> Path | str:
        """The file, or why there is none."""
        text = canonical(path)
        spots = [canonical(os.path.normpath(place / text)) for place in self._places]
        file = next((self._files[spot] for spot in spots if spot in self._files), None)
        if file is None:
            file = next((Path(spot) for spot in spots if _exists(Path(spot))), None)
        found = file or self._by_name(text)
        if isinstance(found, Path):
            self._asked.add(found)
        return found

    def unasked(self) -> int:
        """Images that nobody has looked for."""
        return len(set(self._files.values()) - self._asked)

    def _by_name(self, text: str) -> Path | str:
        named = self._named.get(text.rpartition("/")[2].casefold(), [])
        if len(named) == 1:
            return named[0]
        if named:
            return f"{plural(len(named), 'file')} have this name: the table must name the folder"
        return "there is no such file"


def _exists(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name too long for this disk
        return False
