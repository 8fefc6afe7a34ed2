"""What a process of this program finds around it: no code of the current folder, room for caches.

It imports nothing but what Python has loaded at its start: a folder may hold files of any name.
"""

import os
import sys

ROOT = os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..")
)  # it holds this very package
CACHES = {  # by variable: where the library would keep its files if it is not set
    "NUMBA_CACHE_DIR": ("XDG_CACHE_HOME", "~/.cache"),
    "MPLCONFIGDIR": ("XDG_CONFIG_HOME", "~/.config"),
}


def prepare() -> None:
    """Call it first in a process: it and all that it starts import nothing from its folder."""
    sys.path[:] = [place for place in sys.path if not _current(place)]
    os.environ.update(environment())


def command(*words: str) -> list[str]:
    """``msde`` with these words in a process of its own; give it ``environment`` and ``ROOT``."""
    return [sys.executable, "-P", "-m", "engine", *words]


def environment() -> dict[str, str]:
    """For a process that runs ``command``: it imports this very package, wherever it starts."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    places = [os.path.abspath(place) for place in given if not _current(place)]
    if not ROOT.endswith("-packages"):  # else it is installed, and found without
        places.insert(0, ROOT)
    safe = {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(dict.fromkeys(places))}
    return {**os.environ, **_caches(), **safe}


def _current(place: str) -> bool:
    """Whether it is the current folder, unless that is where the program lies."""
    try:
        meant = os.path.realpath(place)
        return meant == os.path.realpath(os.curdir) != os.path.realpath(ROOT)
    except OSError:  # the current folder is gone
        return not place


def _caches() -> dict[str, str]:
    """Places of our own for the libraries whose usual one cannot be written."""
    return {
        name: _own_folder()
        for name, (variable, usual) in CACHES.items()
        if not os.environ.get(name)
        and not _writable(os.environ.get(variable) or os.path.expanduser(usual))
    }


def _writable(folder: str) -> bool:
    import tempfile

    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _own_folder() -> str:
    """A temporary folder that nobody else can write: numba unpickles what it finds in its cache."""
    import stat
    import tempfile

    place = os.path.join(tempfile.gettempdir(), f"msde-studio-{_user()}")
    try:
        os.mkdir(place, 0o700)
    except FileExistsError:
        found = os.lstat(place)
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == _user()
        if not ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return tempfile.mkdtemp(prefix="msde-studio-")
    return place


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
