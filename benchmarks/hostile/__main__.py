"""``python -m benchmarks.hostile``: every reader on files that are damaged or made to harm.

Each module of this package with a function ``fuzz(cases, seed)`` is run: it answers with what came
of its one kind of file, or of each of several kinds by name.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from benchmarks import hostile


def main(words: list[str] | None = None) -> int:
    """Exit 1 if a single answer was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--cases", type=int, default=1500, help="files of each kind")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(words)
    sys.stdout.write(f"{'kind':<14}{'tried':>8}{'wrong':>8}{'seconds':>9}\n")
    wrong = 0
    for name in sorted(module.name for module in iter_modules(hostile.__path__)):
        fuzz = getattr(import_module(f"{hostile.__name__}.{name}"), "fuzz", None)
        if fuzz and name != "__main__":
            wrong += _told(name, fuzz, chosen)
    return 1 if wrong else 0


def _told(name: str, fuzz: Any, chosen: argparse.Namespace) -> int:
    """Write a line for each kind and answer how many files were answered wrongly."""
    began = time.monotonic()
    said = fuzz(chosen.cases, chosen.seed)
    took = time.monotonic() - began
    wrong = 0
    for kind, one in (said if isinstance(said, Mapping) else {name: said}).items():
        failed = one.wrong + getattr(one, "crashed", 0)
        seconds = getattr(one, "seconds", took)
        sys.stdout.write(f"{kind:<14}{one.tried:>8,}{failed:>8,}{seconds:>9.1f}\n")
        wrong += failed
    return wrong


if __name__ == "__main__":
    sys.exit(main())
