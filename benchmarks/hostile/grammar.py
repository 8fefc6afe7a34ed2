"""Pickles that no honest program writes: hostile values in a state dict, then mangled opcodes."""

import pickletools
import struct
from random import Random
from typing import Literal

from tests.pickle_opcodes import called, content, integer, named, text, tupled

Kind = Literal["pickle", "zip", "legacy"]
REBUILT = ("tensor_v2", "tensor", "tensor_v3", "parameter", "sparse_tensor", "qtensor")
NAMES = (
    "numpy dtype",
    "numpy ndarray",
    "numpy.core.multiarray scalar",
    "numpy.core.multiarray _reconstruct",
    "numpy._core.numeric _frombuffer",
    "torch FloatStorage",
    "torch UntypedStorage",
    "torch.storage TypedStorage",
    "torch Size",
    "torch Tensor",
    "torch float32",
    "torch.nn.parameter Parameter",
    "torch.serialization _get_layout",
    "collections OrderedDict",
    "argparse Namespace",
    "_codecs encode",
    "copyreg _reconstructor",
    "os system",
    "builtins eval",
)
CODES = ("f4", "f4", "f8", "u1", "O8", "O8", "O", "V8", "V0", "S9", "U4", "M8[s]", "f4,O8", "x")
STORED = ("Float", "Float", "Double", "Half", "BFloat16", "Long", "Bool", "QInt8", "ComplexFloat")
NUMBERS = (0, 1, 2, 3, 4, 27, 108, 255, -1, 2**31 - 1, -(2**31), 2**40, 2**62, 2**63, 2**64)


class Hostile:
    """The values of one file; each method gives the opcodes that leave one on the stack."""

    def __init__(self, random: Random, kind: Kind) -> None:
        self._random = random
        self._kind_of_file = kind
        self.keys: set[str] = set()  # of the storages that it names

    def state_dict(self) -> bytes:
        """A pickle from its first opcode to its last."""
        usual = self._array if self._kind_of_file == "pickle" else self._tensor
        entries = [text("conv1.weight") + usual()]
        entries += [self._text() + self._value(2) for _ in range(self._random.randrange(4))]
        program = b"\x80\x02" + b"}q\x00(" + b"".join(entries) + b"u."
        return program if self._random.random() < 0.7 else self._mangled(program)

    def _value(self, depth: int) -> bytes:
        plain = [self._tensor, self._array, self._scalar, self._kind, self._number, self._bytes]
        nested = [self._several, self._named, self._called, self._recalled, self._deep]
        if depth and self._random.random() < 0.4:
            return self._random.choice(nested)(depth - 1)
        return self._random.choice(plain)()

    def _tensor(self) -> bytes:
        sides = [self._odd(3, 2, 1, 0) for _ in range(self._few())]
        steps = [self._odd(1, 1, 3, 0) for _ in sides]
        where = integer(self._odd(0, 0, 1))
        rebuilt = self._random.choice(REBUILT[:1] * 9 + REBUILT)
        told = self._storage() + where + tupled(*map(integer, sides)) + tupled(*map(integer, steps))
        rest = b"\x89" + called("collections OrderedDict") + self._random.choice((b"", b"", b"N"))
        return named(f"torch._utils _rebuild_{rebuilt}") + b"(" + told + rest + b"tR"

    def _storage(self) -> bytes:
        kind = named(f"torch {self._random.choice(STORED)}Storage")
        key = self._random.choice("0000012")
        self.keys.add(key)
        count = integer(self._odd(4, 27, 108))
        view = b"N" if self._kind_of_file == "legacy" else b""
        return b"(" + text("storage") + kind + text(key) + text("cpu") + count + view + b"tQ"

    def _array(self) -> bytes:
        empty = named("numpy ndarray") + tupled(integer(self._odd(0, 1))) + content(b"b")
        made = named("numpy.core.multiarray _reconstruct") + b"(" + empty + b"tR"
        sides = tupled(*(integer(self._odd(1, 2, 3)) for _ in range(self._few())))
        state = integer(1) + sides + self._kind() + b"\x89" + self._bytes()
        if self._random.random() < 0.3:
            plain = called("numpy dtype", text("f4"), b"\x89", b"\x88")
            state = integer(1) + tupled(integer(self._odd(2))) + plain + b"\x89" + content(bytes(8))
        return made + b"(" + state + b"tb"

    def _scalar(self) -> bytes:
        return called("numpy.core.multiarray scalar", self._kind(), self._bytes())

    def _kind(self) -> bytes:
        """A dtype, with the state that a pickle may give it."""
        code = text(self._random.choice(CODES))
        made = called("numpy dtype", code, self._flag(), self._flag())
        if self._random.random() < 0.3:
            return made
        order = text(self._random.choice("<>|=!"))
        fields = self._random.choice((b"NNN", b"NNN", b"N" + tupled(text("a")) + b"}", b"}NN"))
        size, alignment = integer(self._odd(-1, -1, 8)), integer(self._odd(-1, -1, 8))
        flags = integer(self._odd(0, 63))
        return made + b"(" + integer(3) + order + fields + size + alignment + flags + b"tb"

    def _number(self) -> bytes:
        return self._random.choice((integer(self._any()), b"N", b"\x88", b"G" + 8 * b"\xff"))

    def _bytes(self) -> bytes:
        return content(self._random.randbytes(self._random.choice((0, 4, 8, 16, 108))))

    def _text(self) -> bytes:
        return text(self._random.choice(("conv1.weight", "bn1.bias", "a", "", "\x1b[2J", "a\nb")))

    def _several(self, depth: int) -> bytes:
        inside = b"".join(self._value(depth) for _ in range(self._few()))
        opened, closed = self._random.choice(((b"(", b"t"), (b"(", b"l"), (b"](", b"e")))
        return opened + inside + closed

    def _named(self, depth: int) -> bytes:
        pairs = (self._random.choice((self._text(), self._value(depth))) for _ in range(3))
        inside = b"".join(key + self._value(depth) for key in pairs)
        return self._random.choice((b"}", called("collections OrderedDict"))) + b"(" + inside + b"u"

    def _called(self, depth: int) -> bytes:
        """Anything that is harmless by name, with arguments and a state that it does not expect."""
        name = named(self._random.choice(NAMES))
        inside = b"".join(self._value(depth) for _ in range(self._few()))
        ended = self._random.choice((b"tR", b"tR", b"t\x81", b"tR" + self._value(depth) + b"b"))
        return name + b"(" + inside + ended

    def _recalled(self, depth: int) -> bytes:
        """A value from a place of the memo, which it may be part of, or put at a distant one."""
        if self._random.random() < 0.5:
            return b"h" + bytes([self._random.choice((0, 0, 0, 1, 2))])
        place = self._random.choice((1, 1, 2, 2, 255, 2**20, 2**31 - 1))
        return self._value(depth) + b"r" + struct.pack("<I", place)

    def _deep(self, depth: int) -> bytes:
        """Nested far, or a tuple of pairs of pairs, which takes for ever to hash."""
        inner = self._value(depth)
        nested = self._random.choice((b"\x85" * 2000, b"2\x86" * 40))
        return inner + nested

    def _any(self) -> int:
        return self._random.choice(NUMBERS)

    def _odd(self, *usual: int) -> int:
        """Mostly a number that may stand there."""
        return self._random.choice(usual) if self._random.random() < 0.9 else self._any()

    def _flag(self) -> bytes:
        return self._random.choice((b"\x88", b"\x89"))

    def _few(self) -> int:
        return self._random.choice((1, 1, 1, 2, 2, 3, 0, 40))

    def _mangled(self, program: bytes) -> bytes:
        """Some opcodes dropped, doubled, exchanged or given other bytes."""
        parts = _split(program)
        for _ in range(self._random.randint(1, 4)):
            at, other = (self._random.randrange(1, len(parts)) for _ in range(2))
            match self._random.randrange(5):
                case 0:
                    del parts[at]
                case 1:
                    parts.insert(at, parts[other])
                case 2:
                    parts[at], parts[other] = parts[other], parts[at]
                case 3:
                    parts[at] = self._random.choice(pickletools.opcodes).code.encode("latin-1")
                case 4:
                    parts[at] = parts[at][:1] + self._random.randbytes(len(parts[at]) - 1)
            if len(parts) < 3:
                break
        return b"".join(parts)


def _split(program: bytes) -> list[bytes]:
    """Each opcode with its argument."""
    starts = [place for _, _, place in pickletools.genops(program) if place is not None]
    return [program[a:b] for a, b in zip(starts, [*starts[1:], len(program)], strict=True)]
