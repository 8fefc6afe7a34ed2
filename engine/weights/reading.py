"""Read the tensors of a weight file of any kind without running what it may contain."""

import pickle
import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.domain import Failure
from engine.weights.arrays import BY_NAME, Foreign, unpickled

DEPTH = 4  # mappings within mappings that are looked into
Tensors = dict[str, Tensor]
Harmless = Callable[..., Any] | tuple[Callable[..., Any], str]
FOREIGN = re.compile(r"GLOBAL (\S+)")  # in torch's refusal
# The scores and options that training programs leave beside the tensors.
HARMLESS: tuple[Harmless, ...] = (
    Namespace,
    *(type(np.dtype(code)) for code in "?bBhHiIlLqQefd"),
    *((function, name) for name, function in BY_NAME.items()),
)


def read(file: Path) -> list[Tensors]:
    """Every mapping from names to tensors in the file, the outermost first.

    Raises ``Failure`` for a file that is damaged, is no weight file or holds more than tensors.
    """
    reader = _reader(file)
    try:
        content = reader(file)
    except Foreign as error:
        raise Failure(
            f"The weight file {file} asks for {error}, which could run code: nothing of it was "
            "run. Save its tensors alone, as safetensors or by torch.save of a state dict."
        ) from error
    except Exception as error:  # whatever foreign bytes make of a parser
        raise Failure(f"{file} is damaged or no weight file: copy or save it again.") from error
    found = list(_mappings(content, DEPTH))
    if not found:
        raise Failure(f"The weight file {file} holds no tensors by name: save a state dict.")
    return found


def _reader(file: Path) -> Callable[[Path], Any]:
    """By how the file begins; its name may say anything."""
    try:
        with file.open("rb") as stream:
            start = stream.read(32)
    except OSError as error:
        raise Failure(f"The weight file {file} cannot be read: {error.strerror}.") from error
    return next(reader for magic, reader in READERS if magic.match(start))


def _torch(file: Path) -> Any:
    try:
        with torch.serialization.safe_globals([*HARMLESS]):
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = FOREIGN.search(str(error))
        if named:
            raise Foreign(named[1]) from error
        raise


READERS: tuple[tuple[re.Pattern[bytes], Callable[[Path], Any]], ...] = (
    (re.compile(rb"PK\x03\x04"), _torch),
    (re.compile(rb"\x80.\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", re.DOTALL), _torch),  # until 2020
    (re.compile(rb".{8}\{", re.DOTALL), load_file),  # the length of a JSON head, and the head
    (re.compile(rb""), unpickled),
)


def _mappings(content: Any, depth: int) -> Iterator[Tensors]:
    if not isinstance(content, Mapping) or not depth:
        return
    tensors = {
        name: tensor
        for name, value in content.items()
        if isinstance(name, str) and (tensor := _tensor(value)) is not None
    }
    if tensors:
        yield tensors
    for value in content.values():
        yield from _mappings(value, depth - 1)


def _tensor(value: Any) -> Tensor | None:
    """A dense tensor of numbers; nothing for all else."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return torch.from_numpy(value.astype(np.float32))
    if isinstance(value, Tensor) and value.layout is torch.strided and not value.is_quantized:
        return value.detach()
    return None
