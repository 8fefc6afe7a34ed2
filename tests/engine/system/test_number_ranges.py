import numpy as np
import pytest

from engine.domain import Failure
from engine.system.number_ranges import read_ranges, write_ranges


def test_that_numbers_are_written_and_read_back():
    assert write_ranges((5, 3, 4, 9, 4)) == "3-5,9"
    assert read_ranges(" 3-5, 9") == (3, 4, 5, 9)
    assert (write_ranges(()), read_ranges("")) == ("", ())
    numbers = np.random.default_rng(0).choice(200, 80, replace=False).tolist()
    assert read_ranges(write_ranges(numbers)) == tuple(sorted(numbers))


@pytest.mark.parametrize("text", ["a", "3-", "-3", "5-3", "1.5", "0-99999999999", "9" * 30])
def test_that_another_text_is_named_in_one_sentence(text):
    with pytest.raises(Failure, match="is no range of numbers: write them like 3-7,12"):
        read_ranges(text)
