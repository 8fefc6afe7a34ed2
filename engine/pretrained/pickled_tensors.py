"""Make the tensors that a pickle describes, each within the bytes that its file holds for it."""

import re
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.pretrained.safe_unpickle import Made, Name

MOST = 2**48  # elements of a tensor
STORAGES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.uint8,  # a byte that is neither 0 nor 1 would be no bool
    "UntypedStorage": torch.uint8,
    "ComplexFloatStorage": torch.complex64,
    "ComplexDoubleStorage": torch.complex128,
    "QInt8Storage": torch.qint8,
    "QUInt8Storage": torch.quint8,
    "QInt32Storage": torch.qint32,
}
REAL = {str(k): k for k in STORAGES.values() if not k.is_complex and "q" not in str(k)}
STRIDED = "torch._utils._rebuild_tensor"
ARRAY = re.compile(r"numpy\._?core\.(multiarray\._reconstruct|numeric\._frombuffer)")
WRAPPED = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
Bytes = bytes | bytearray


class Rebuilding:
    """One file's tensors; ``stored`` gives the bytes of what its pickle keeps outside itself."""

    def __init__(self, size: int, stored: Callable[[Made], Bytes] | None = None) -> None:
        """``size`` of the file in bytes: all tensors together hold no more."""
        self._left = size
        self._stored = stored
        self._made: dict[Made, Tensor | None] = {}
        self._bytes: dict[Any, bytearray] = {}

    def tensor(self, value: Any) -> Tensor | None:
        """A dense tensor of real numbers; nothing for all else.

        Raises ``ValueError`` or what else comes of a description that contradicts itself.
        """
        if isinstance(value, Tensor):
            return None if value.is_complex() else value
        if not isinstance(value, Made):
            return None
        if value not in self._made:
            self._made[value] = self._rebuilt(value)
        return self._made[value]

    def _rebuilt(self, made: Made) -> Tensor | None:
        if made.name in WRAPPED:
            return self.tensor(made.arguments[0])
        if made.name.startswith("torch._tensor._rebuild_from_type"):
            named, _type, arguments, *_ = made.arguments
            return self._rebuilt(Made(named.text, arguments))
        if made.name in (STRIDED, STRIDED + "_v2", STRIDED + "_v3"):
            return self._strided(*made.arguments)
        if ARRAY.fullmatch(made.name):
            return self._array(made)
        return None

    def _strided(
        self, storage: Made, offset: int, size: Any, stride: Any, *rest: Any
    ) -> Tensor | None:
        kind = _kind(storage, *rest[2:3])
        if kind not in REAL:
            return None
        flat = self._flat(storage, REAL[kind])
        sides, steps = _whole(size), _whole(stride)
        first = _whole([offset])[0] + _view(storage)
        last = first + sum((side - 1) * step for side, step in zip(sides, steps, strict=True))
        if prod(sides) == 0:
            return torch.empty(sides, dtype=flat.dtype)
        if last >= len(flat):
            raise ValueError("a tensor reaches beyond its storage")
        return flat.as_strided(sides, steps, first)

    def _flat(self, storage: Made, kind: torch.dtype) -> Tensor:
        """The whole storage, (n,)."""
        key = storage.arguments[2]
        if key not in self._bytes:
            if not self._stored:
                raise ValueError("a storage that the file has not")
            self._bytes[key] = bytearray(self._spent(self._stored(storage)))
        content = self._bytes[key]
        count = len(content) // kind.itemsize
        return torch.frombuffer(content, dtype=kind, count=count) if count else torch.empty(0)

    def _array(self, made: Made) -> Tensor | None:
        if made.name.endswith("_frombuffer"):
            content, kind, shape, order = made.arguments
        else:
            *_, shape, kind, in_columns, content = made.state
            order = "F" if in_columns else "C"
        form = _form(kind)
        if form is None:
            return None
        values: NDArray[Any] = np.frombuffer(self._spent(_content(content)), form)
        if values.size != prod(_whole(shape)):
            raise ValueError("an array of another size than its bytes")
        shaped = values.reshape(_whole(shape), order="F" if order == "F" else "C")
        with np.errstate(over="ignore"):  # to infinity, which is refused where it is used
            return torch.from_numpy(np.array(shaped, np.float32, order="C"))

    def _spent(self, content: Bytes) -> Bytes:
        self._left -= len(content)
        if self._left < 0:
            raise ValueError("more values than the file holds")
        return content


def itemsize(storage: Made) -> int:
    """Bytes of one of its elements."""
    return STORAGES[_class(storage)].itemsize


def _class(storage: Made) -> str:
    named: Name = storage.arguments[1]
    return named.text.rpartition(".")[2]


def _kind(storage: Made, said: Any = None) -> str:
    """The type of a tensor's elements, which it may say itself; empty if it is conjugate or so."""
    if isinstance(said, Name):
        return said.text
    return "" if said else str(STORAGES.get(_class(storage)))


def _view(storage: Made) -> int:
    """Where a part of a storage begins, in elements; programs until 2017 kept such parts."""
    part = storage.arguments[5] if len(storage.arguments) > 5 else None
    return _whole([part[1]])[0] if part else 0


def _whole(values: Any) -> Sequence[int]:
    """Numbers that could be sides, steps or places. Raises ``ValueError`` for any other."""
    numbers = values.arguments[0] if isinstance(values, Made) else values
    small = [n for n in numbers[:33] if isinstance(n, int) and 0 <= n < MOST]
    if len(small) != len(numbers) or len(small) > 32 or prod(n for n in small if n) >= MOST:
        raise ValueError("sides that no tensor has")
    return small


def _form(kind: Any) -> np.dtype[Any] | None:
    """An array's numbers, if they are real: from their plain code, such as ``f4``, alone."""
    code = kind.arguments[0]
    order = kind.state[1] if kind.state else "="
    if not isinstance(code, str) or not re.fullmatch("[fiu][1248]", code):
        return None
    return np.dtype(("<" if order not in ("<", ">") else order) + code)


def _content(value: Any) -> Bytes:
    """The bytes of an array, in Python 2 a text, in Python 3 for Python 2 one to be encoded."""
    if isinstance(value, Made) and value.name == "_codecs.encode":
        value = value.arguments[0]
    if isinstance(value, str):
        return value.encode("latin-1")
    if not isinstance(value, bytes | bytearray):
        raise ValueError("an array without bytes")
    return value
