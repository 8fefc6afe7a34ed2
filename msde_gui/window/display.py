"""Whether there is a display: as a program (``python -m``), it exits with 1 if there is none."""

import os
import sys


def display() -> bool:
    """Qt would abort without one, so this is asked before it starts."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(not display())
