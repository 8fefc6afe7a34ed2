"""Read pickled numpy arrays, such as the VGGFace2 ResNet-50, admitting nothing but arrays.

A pickle is a program. This one may call what rebuilds arrays and ordered dictionaries; any other
name ends the reading before anything of it is imported or run.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np


class Foreign(Exception):
    """The pickle asks for the object of this name."""


def unpickled(file: Path) -> Any:
    """What the file holds; texts of Python 2 are read as latin-1.

    Raises ``Foreign``, or whatever damaged bytes make of the reading.
    """
    with file.open("rb") as stream:
        return _Arrays(stream, encoding="latin1").load()


def _encoded(text: str, codec: str) -> bytes:
    """How Python 3 writes bytes for Python 2; other codecs are modules that could be run."""
    if codec != "latin1":
        raise Foreign(f"the codec {codec}")
    return text.encode(codec)


ADMITTED: dict[str, Any] = {
    "ndarray": np.ndarray,
    "dtype": np.dtype,
    "_reconstruct": np.empty(0).__reduce__()[0],
    "scalar": np.float32(0).__reduce__()[0],
    "_frombuffer": np.empty(1).__reduce_ex__(5)[0],
    "encode": _encoded,
    "OrderedDict": OrderedDict,
}
MODULES = {
    "numpy": ("ndarray", "dtype"),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy.core.numeric": ("_frombuffer",),
    "numpy._core.numeric": ("_frombuffer",),
    "_codecs": ("encode",),
    "collections": ("OrderedDict",),
}

BY_NAME = {
    f"{module}.{name}": ADMITTED[name] for module, names in MODULES.items() for name in names
}


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        asked = f"{module}.{name}"
        if asked not in BY_NAME:
            raise Foreign(asked)
        return BY_NAME[asked]
