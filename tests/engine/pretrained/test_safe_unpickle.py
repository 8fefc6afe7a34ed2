import io
import pickle
import struct
import tracemalloc
from collections import OrderedDict, defaultdict
from contextlib import suppress

import numpy as np
import pytest

from engine.pretrained.safe_unpickle import Foreign, Made, Name, describe

LATIN = bytes(range(256))


def content(pickled):
    return describe(io.BytesIO(pickled)).content


@pytest.mark.parametrize("protocol", range(6))
def test_that_plain_values_are_what_they_were(protocol):
    values = [1, -3, 2**70, 0.5, None, True, False, "ü", b"\x00\xff", (), (1,), (1, 2, 3, 4), []]
    values += [{"a": {"b": [1, (2, "c")]}}, {3: "number"}, list(range(300)), "x" * 70000]
    values += [bytearray(b"ab")] if protocol == 5 else []
    if protocol < 3:  # before, bytes were texts to be encoded
        values.remove(b"\x00\xff")
    assert content(pickle.dumps(values, protocol)) == values


def test_that_texts_of_python_2_are_latin_1():
    escaped = b"S'" + "".join(f"\\x{value:02x}" for value in LATIN).encode() + b"'\n."
    assert content(escaped) == LATIN.decode("latin-1")
    assert content(b"U\x03a\xe9\xff.") == "aéÿ"


@pytest.mark.parametrize("protocol", range(6))
def test_that_calls_are_written_down_and_not_made(protocol):
    made = content(pickle.dumps(OrderedDict(a=1), protocol))
    assert isinstance(made, Made)
    assert made.name == "collections.OrderedDict"
    assert made.entries == {"a": 1} or protocol == 0
    assert content(pickle.dumps(defaultdict(list, a=1), protocol)).arguments == (
        Name("builtins.list" if protocol > 2 else "__builtin__.list"),
    )


def test_that_a_state_is_kept_beside_what_it_belongs_to():
    made = content(pickle.dumps(np.dtype("f4")))
    assert (made.name, made.arguments, made.state[:2]) == (
        "numpy.dtype",
        ("f4", False, True),
        (3, "<"),
    )


@pytest.mark.parametrize(
    "pickled",
    [
        b"cos\nsystem\n.",
        b"(ios\nsystem\n.",
        b"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.",
    ],
)
def test_that_every_way_to_name_an_object_is_asked_about(pickled):
    with pytest.raises(Foreign, match=r"os\.system"):
        content(pickled)


@pytest.mark.parametrize("name", ["os\x1b[2J", "a" * 10**6, "\ud800"])
def test_that_a_name_that_cannot_be_shown_is_not(name):
    encoded = name.encode("utf-8", "surrogatepass")
    text = b"X" + struct.pack("<I", len(encoded)) + encoded
    with pytest.raises(Foreign, match="without a proper name"):
        content(text + text + b"\x93.")


@pytest.mark.parametrize(
    "pickled",
    [
        b"]r\xff\xff\xff\x7f.",  # a memo of two thousand million places
        b"]p99999999999\n.",
        b"\x96" + struct.pack("<Q", 2**40) + b"abc.",  # a terabyte is announced
        b"\x8e" + struct.pack("<Q", 2**40) + b"abc.",
        b"\x8b" + struct.pack("<i", 2**31 - 1) + b"abc.",
        b"\x95" + struct.pack("<Q", 2**62) + b"].",
        b"]" + b"\x85" * 100_000 + b".",  # nested
        b"}(" + b"]2\x86" + b"2\x86" * 60 + b"K\x01u.",  # a key that takes for ever to hash
        b"(" + b"]2\x86" + b"2\x86" * 60 + b"\x91.",
    ],
)
def test_that_a_few_bytes_cost_neither_memory_nor_time(pickled):
    tracemalloc.start()
    with suppress(ValueError, TypeError, AttributeError, EOFError):
        content(pickled)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**25


def test_that_a_pickle_without_an_end_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr("engine.pretrained.safe_unpickle.MOST", 1000)
    with pytest.raises(ValueError, match="more than 1000 operations"):
        content(b"]0" * 600 + b"].")


@pytest.mark.parametrize("opcode", [b"\x82\x01", b"\x83\x01\x00", b"\x97", b"]\x98"])
def test_that_registered_and_outside_objects_are_refused(opcode):
    with pytest.raises(ValueError, match="no weight file"):
        content(opcode + b".")
