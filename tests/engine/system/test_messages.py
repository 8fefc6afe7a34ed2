import io

import numpy as np
import pytest

from engine.embeddings.embedding import Embedded
from engine.system.messages import (
    Answered,
    Asked,
    Dropped,
    Refused,
    Said,
    Withdrawn,
    pack,
    read,
    take,
)

SENT = [
    Asked(1, "explain", {"samples": (1, 2)}),
    Withdrawn(1),
    Said(2, "half"),
    Answered(2, np.arange(6)),
    Refused(3, "No.\nNo.", "Traceback: é\ud800"),
    Dropped(1),
]


@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "bool"])
def test_that_an_array_comes_back_as_it_was(dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)[:, ::2]
    (again,) = read(io.BytesIO(pack(Said(7, Embedded(1, 2, array)))))
    assert again.number == 7
    assert again.event.points.dtype == array.dtype
    assert np.array_equal(again.event.points, array)


def test_that_nothing_comes_back_as_nothing():
    (again,) = read(io.BytesIO(pack(Answered(1, np.empty((0, 2), np.float32)))))
    assert again.answer.shape == (0, 2)


@pytest.mark.parametrize("piece", [1, 3, 7, 10_000])
def test_that_messages_in_pieces_come_out_whole_and_in_order(piece):
    content = b"".join(map(pack, SENT))
    received, taken = bytearray(), []
    for start in range(0, len(content), piece):
        received += content[start : start + piece]
        taken += take(received)
    assert [repr(one) for one in taken] == [repr(one) for one in SENT]
    assert not received


@pytest.mark.parametrize("lost", [1, 40])
def test_that_half_a_message_is_none(lost):
    content = pack(Withdrawn(1)) + pack(Asked(2, "explain", None))[:-lost]
    assert list(read(io.BytesIO(content))) == [Withdrawn(1)]
    received = bytearray(content)
    assert list(take(received)) == [Withdrawn(1)]
    assert received
