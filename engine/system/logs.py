"""What the program noted while it worked: lines in the user's log folder, kept short.

Modules log by ``logging.getLogger(__name__)``: what happens as it should as ``INFO``, what should
not have happened as ``WARNING``. What was the user's to mend is a ``Failure`` and shown instead.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

PACKAGES = ("engine", "msde_gui")
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
SIZE, KEPT = 1_000_000, 3  # bytes of a file, and how many older ones are kept
LINES = 200  # of what happened last, as a report of an error needs them


def folder() -> Path:
    """Where the window's log lies; it need not be there yet."""
    return platformdirs.user_log_path("msde-studio", appauthor=False)


def write_to_file() -> None:
    """Log to the user's folder from now on; where nothing can be written, to nowhere."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(_file(), maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return
    _add(file)


def write_to_errors() -> None:
    """Log to standard error, which whoever started this process keeps."""
    _add(logging.StreamHandler())


def read_last(lines: int = LINES) -> str:
    """The last lines of the window's log; nothing if there is none."""
    try:
        return "\n".join(_file().read_text("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def _file() -> Path:
    return folder() / "window.log"


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(logging.Formatter(FORMAT))
    for package in PACKAGES:
        log = logging.getLogger(package)
        log.setLevel(logging.INFO)
        log.addHandler(handler)
