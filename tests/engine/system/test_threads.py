from threading import Event

import pytest

from engine.system.threads import side_by_side


def test_that_work_keeps_its_order_and_draws_little_ahead():
    drawn, second = [], Event()

    def given():
        for number in range(8):
            drawn.append(number)
            yield number

    def work(number):
        if number == 0:
            assert second.wait(10)  # it is done before the first
        second.set()
        return 10 * number

    made = side_by_side(work, given(), 2)
    assert next(made) == (0, 0)
    assert drawn == [0, 1, 2, 3]
    assert list(made) == [(number, 10 * number) for number in range(1, 8)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_that_all_are_worked_on_however_many(count):
    assert list(side_by_side(str, range(count), 2)) == [(n, str(n)) for n in range(count)]


def test_that_an_exception_comes_in_its_turn_and_what_waits_is_not_begun():
    begun, go_on = [], Event()

    def work(number):
        begun.append(number)
        if number == 1:
            go_on.wait(10)
        return 1 / (number - 1)

    made = side_by_side(work, range(9), 1)
    assert next(made) == (0, -1)
    go_on.set()
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert max(begun) <= 3
    with pytest.raises(StopIteration):
        next(made)
