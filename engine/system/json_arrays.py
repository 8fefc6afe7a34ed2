"""Arrays as plain data, so that they cross between processes in a line of JSON."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(array: NDArray[Any]) -> dict[str, Any]:
    """Numbers of any shape."""
    plain = np.ascontiguousarray(array)
    data = b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(plain.shape), "data": data}


def unpack(document: Mapping[str, Any]) -> NDArray[Any]:
    """What ``pack`` was given. It is read-only."""
    content = np.frombuffer(b64decode(document["data"]), dtype=np.dtype(document["dtype"]))
    return content.reshape(document["shape"])
