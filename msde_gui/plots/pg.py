"""pyqtgraph, imported with the first plot: a window that shows none yet starts sooner."""

from functools import cache
from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(_library(), name)


@cache
def _library() -> Any:
    library = import_module("pyqtgraph")
    library.setConfigOptions(antialias=True)
    return library
