"""Files that are nearly right: bytes, values and shapes of a whole one changed at random."""

import io
import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mutate = Callable[[Random, bytes], bytes]
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63), 10**30, 300_000_000, 0.5, -0.5, 1e300,
    float("nan"), float("inf"), "", "x", "1", "x" * 3000, "../../x", "/etc/passwd", "a\0b",
    "\x1b[31m", "[bold]", "\ud800", [], {}, [[]], [1, 2], {"a": 1}, [[[[[]]]]],
)  # fmt: skip
NUMBERS = (0, 1, -1, 7, 99, 2**31, -(2**31), 1e30, 0.5, 1.5, float("nan"), float("inf"))
TYPES = ("<i8", "<f4", "<f8", ">i8", "<i4", "|b1", "|u1", "<U4", "<c16", "<M8[s]")
PATCHES = (b"\0", b"\xff", b"[" * 300, b"{", b'"', b"\n", b"1" * 30, b"PK\x03\x04", b"\xed\xa0\x80")


def bytes_changed(random: Random, content: bytes) -> bytes:
    """A few bytes flipped, cut out, doubled or put in; or the end cut off."""
    made = bytearray(content)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(made) + 1)
        match random.randrange(5):
            case 0 if place < len(made):
                made[place] ^= 1 << random.randrange(8)
            case 1:
                del made[place : place + random.randint(1, 40)]
            case 2:
                made[place:place] = made[place : place + random.randint(1, 40)]
            case 3:
                made[place:place] = random.choice(PATCHES)
            case _ if random.random() < 0.2:
                del made[place:]
    return bytes(made)


def document_changed(random: Random, content: bytes) -> bytes:
    """One to three values of a JSON document replaced, left out or doubled."""
    made = json.loads(content)
    for _ in range(random.randint(1, 3)):
        made = _replaced(random, made)
    return json.dumps(made).encode("utf-8", "surrogatepass")


def lines_changed(random: Random, content: bytes) -> bytes:
    """Some lines changed as documents, some as bytes, and their order."""
    lines = content.splitlines()
    for place in random.sample(range(len(lines)), min(len(lines), random.randint(1, 6))):
        change = random.choice((document_changed, document_changed, bytes_changed))
        lines[place] = change(random, lines[place])
    if random.random() < 0.2:
        random.shuffle(lines)
    return b"\n".join(lines) + b"\n"


def columns_changed(random: Random, content: bytes) -> bytes:
    """One or two arrays of an npz file with other numbers, types or shapes, or without one."""
    with np.load(io.BytesIO(content)) as stored:
        columns = {name: stored[name] for name in stored.files}
    for _ in range(random.randint(1, 2)):
        name = random.choice(list(columns))
        if columns[name].dtype.kind not in "cM":  # what was changed to these is wrong enough
            columns[name] = _array_changed(random, columns[name])
        if random.random() < 0.05:
            columns[f"other_{name}"] = columns.pop(name)
    buffer = io.BytesIO()
    np.savez(buffer, **columns)
    return buffer.getvalue()


def _replaced(random: Random, node: Any) -> Any:
    """The document with one of its values changed, the deeper the likelier."""
    if isinstance(node, dict) and node and random.random() < 0.9:
        key = random.choice(list(node))
        if random.random() < 0.1:
            return {name: value for name, value in node.items() if name != key}
        return node | {key: _replaced(random, node[key])}
    if isinstance(node, list) and node and random.random() < 0.8:
        place = random.randrange(len(node))
        if random.random() < 0.2:
            return node[:place] + node[place + 1 :] if random.random() < 0.5 else [*node, *node]
        return [*node[:place], _replaced(random, node[place]), *node[place + 1 :]]
    return random.choice(VALUES)


def _array_changed(random: Random, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "U":
        text = str(array)
        changed = document_changed(random, text.encode()) if text[:1] == "{" else text.encode()[:-1]
        return np.array(changed.decode("utf-8", "replace"))
    with np.errstate(all="ignore"):
        match random.randrange(6):
            case 0:
                return array.astype(random.choice(TYPES))
            case 1:
                return array[: random.randrange(len(array) + 1)] if array.ndim else array[None]
            case 2:
                return np.asfortranarray(array.T) if array.ndim > 1 else np.atleast_2d(array)
            case 3 if array.ndim and len(array):
                return np.repeat(array[:1], len(array), axis=0)
    return _number_changed(random, array)


def _number_changed(random: Random, array: NDArray[Any]) -> NDArray[Any]:
    made = array.copy()
    value = random.choice(NUMBERS)
    if made.dtype.kind != "f" and not abs(value) < 2**62:
        value = -1
    flat = made.reshape(-1)
    if len(flat):
        flat[random.randrange(len(flat))] = np.array(value).astype(made.dtype, casting="unsafe")
    return made
