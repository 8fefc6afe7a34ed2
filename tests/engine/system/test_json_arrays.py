import json

import numpy as np
import pytest

from engine.system.json_arrays import pack, unpack


@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "bool"])
def test_that_an_array_comes_back_from_json_as_it_was(dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)[:, ::2]
    again = unpack(json.loads(json.dumps(pack(array))))
    assert again.dtype == array.dtype
    assert np.array_equal(again, array)


def test_that_nothing_comes_back_as_nothing():
    assert unpack(pack(np.empty((0, 2), np.float32))).shape == (0, 2)
