"""Read a pickle without running it: what it would call is written down, not called.

A pickle is a program for a stack machine. Python's machine calls what the program names and lets
one opcode claim any memory. This one makes plain values, lists, tuples and dictionaries, and
records of everything else; its work and memory are bounded by the length of what is read.
"""

import codecs
import pickletools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

MOST = 5_000_000  # operations
OPCODES = {opcode.code: opcode for opcode in pickletools.opcodes}
LONGEST = 200  # characters of a name
SMALL = 2**32  # keys that are numbers; larger ones could be chosen to hash alike
# Tensors, arrays and the options that training programs leave beside them.
HARMLESS = re.compile(
    r"torch(\.cuda|\.storage)?\.\w*Storage"
    r"|torch\.(b?float|q?u?int|complex|per_)\w+|torch\.bool"
    r"|torch\.(Size|Tensor|device|nn\.parameter\.(Parameter|Buffer)|serialization\._get_layout)"
    r"|torch\._utils\._rebuild_\w+|torch\._tensor\._rebuild_from_type(_v2)?"
    r"|numpy\.(ndarray|dtype|dtypes\.\w+)"
    r"|numpy\._?core\.(multiarray\.(_reconstruct|scalar)|numeric\._frombuffer)"
    r"|collections\.(OrderedDict|defaultdict|Counter)|argparse\.Namespace|_codecs\.encode"
    r"|types\.SimpleNamespace|pathlib\.\w*Path|easydict\.EasyDict"
    r"|(pytorch_lightning|lightning)[\w.]*\.AttributeDict|numpy\.(float|u?int)\d+"
    r"|copy_?reg\._reconstructor|(builtins|__builtin__)\.(object|dict|list|set|int|float)"
)


class Foreign(Exception):
    """The pickle asks for the object of this name."""


@dataclass(frozen=True)
class Name:
    """An object that a pickle names."""

    text: str


@dataclass(eq=False, slots=True)
class Made:
    """What a pickle would make by calling ``name``."""

    name: str
    arguments: tuple[Any, ...]
    state: Any = None
    entries: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pickle:
    """What a pickle describes."""

    content: Any
    stored: tuple[Made, ...]  # what it keeps outside itself


def describe(stream: IO[bytes]) -> Pickle:
    """One pickle; the stream is left at its end.

    Raises ``Foreign`` for a name that is not ``HARMLESS``, or whatever damaged bytes lead to.
    """
    machine = _Machine()
    for _ in range(MOST):
        name, argument = _operation(stream)
        if name == "STOP":
            return Pickle(machine.stack.pop(), tuple(machine.stored))
        STEPS.get(name, _Machine.push)(machine, argument)
    raise ValueError(f"more than {MOST} operations")


def _operation(stream: IO[bytes]) -> tuple[str, Any]:
    """Texts of Python 2 are read as latin-1."""
    opcode = OPCODES[stream.read(1).decode("latin-1")]
    if opcode.name == "STRING":
        escaped: Any = pickletools.read_stringnl(stream, decode=False)
        return opcode.name, codecs.escape_decode(escaped)[0].decode("latin-1")
    return opcode.name, opcode.arg.reader(stream) if opcode.arg else None


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.stored: list[Made] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def mark(self, _: Any) -> None:
        self._marks.append(len(self.stack))

    def since_mark(self) -> list[Any]:
        start = self._marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def pop(self, _: Any) -> None:
        if self._marks and self._marks[-1] == len(self.stack):
            self._marks.pop()
        else:
            self.stack.pop()

    def memoize(self, place: int | None) -> None:
        self._memo[len(self._memo) if place is None else place] = self.stack[-1]

    def recall(self, place: int) -> None:
        self.push(self._memo[place])

    def last(self, count: int) -> list[Any]:
        values = [self.stack.pop() for _ in range(count)]
        return values[::-1]


def _append(machine: _Machine, values: list[Any]) -> None:
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].extend(values)


def _set(machine: _Machine, values: list[Any]) -> None:
    holder = machine.stack[-1]
    _put(holder.entries if isinstance(holder, Made) else holder, values)


def _put(entries: dict[Any, Any], values: list[Any]) -> dict[Any, Any]:
    """Under keys that cost nothing to hash; what has another key is left out."""
    for key, value in zip(values[::2], values[1::2], strict=True):
        if isinstance(key, str) or (isinstance(key, int) and abs(key) < SMALL):
            entries[key] = value
    return entries


def _name(machine: _Machine, module: str, name: str) -> None:
    if not isinstance(module, str) or not isinstance(name, str):
        raise ValueError("no name")
    text = f"{module}.{name}"
    if len(text) > LONGEST or not text.isprintable():
        raise Foreign("an object without a proper name")
    if not HARMLESS.fullmatch(text):
        raise Foreign(text)
    machine.push(Name(text))


def _shorten(text: Any) -> str:
    return text[:LONGEST] if isinstance(text, str) and text.isprintable() else "without a name"


def _make(machine: _Machine, named: Any, arguments: Any) -> None:
    if not isinstance(named, Name) or not isinstance(arguments, tuple):
        raise ValueError("no call")
    if named.text == "_codecs.encode" and arguments[1] != "latin1":
        raise Foreign(f"the codec {_shorten(arguments[1])}")
    machine.push(Made(named.text, arguments))


def _from_mark(machine: _Machine, _: Any) -> None:
    named, *arguments = machine.since_mark()
    _make(machine, named, tuple(arguments))


def _with_names(machine: _Machine, _: Any) -> None:
    named, arguments, _names = machine.last(3)
    _make(machine, named, arguments)


def _instance(machine: _Machine, text: str) -> None:
    arguments = tuple(machine.since_mark())
    _name(machine, *text.split(" ", 1))
    _make(machine, machine.stack.pop(), arguments)


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    if isinstance(machine.stack[-1], Made):
        machine.stack[-1].state = state


def _store(machine: _Machine, identity: Any) -> None:
    match identity:
        case ("storage", Name(), str(), *_):
            machine.push(Made("", identity))
            machine.stored.append(machine.stack[-1])
        case _:
            raise ValueError("no storage")


def _constant(value: Any) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.push(value)


def _ignore(machine: _Machine, _: Any) -> None:
    return


def _refuse(machine: _Machine, argument: Any) -> None:
    raise ValueError(f"an operation of no weight file, {argument}")


Step = Callable[[_Machine, Any], None]
STEPS: dict[str, Step] = {  # of operations that do more than push their argument
    **dict.fromkeys(("EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER"), _refuse),
    **dict.fromkeys(("PROTO", "FRAME"), _ignore),
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_TUPLE": _constant(()),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), lambda machine, _: machine.push([])),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    **dict.fromkeys(("LIST", "FROZENSET"), lambda machine, _: machine.push(machine.since_mark())),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.push(tuple(machine.last(1))),
    "TUPLE2": lambda machine, _: machine.push(tuple(machine.last(2))),
    "TUPLE3": lambda machine, _: machine.push(tuple(machine.last(3))),
    "DICT": lambda machine, _: machine.push(_put({}, machine.since_mark())),
    "APPEND": lambda machine, _: _append(machine, machine.last(1)),
    **dict.fromkeys(
        ("APPENDS", "ADDITEMS"), lambda machine, _: _append(machine, machine.since_mark())
    ),
    "SETITEM": lambda machine, _: _set(machine, machine.last(2)),
    "SETITEMS": lambda machine, _: _set(machine, machine.since_mark()),
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": lambda machine, _: _ignore(machine, machine.since_mark()),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.memoize),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.recall),
    "GLOBAL": lambda machine, text: _name(machine, *text.split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: _name(machine, *machine.last(2)),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda machine, _: _make(machine, *machine.last(2))),
    "NEWOBJ_EX": _with_names,
    "INST": _instance,
    "OBJ": _from_mark,
    "BUILD": _build,
    "PERSID": _store,
    "BINPERSID": lambda machine, _: _store(machine, machine.stack.pop()),
}
