from types import SimpleNamespace

from engine.store.runs import State
from msde_gui.session.run_choice import MOST, keep, list_finished, newest, toggle


def view(name, method="baseline", train="mix", state=State.FINISHED):
    return SimpleNamespace(
        id=name, experiment=SimpleNamespace(method=method, train=train), state=state
    )


VIEWS = [
    view("1"),
    view("2", "ran"),
    view("3", train="nm"),
    view("4"),
    view("5", "ran", state=State.RUNNING),
]
ALL = tuple("12345")


def test_that_the_newest_of_each_method_and_training_is_chosen_finished_ones_first():
    assert newest(VIEWS, ALL) == ("2", "3", "4")
    assert newest(VIEWS, ("1", "5")) == ("1", "5")
    assert newest(VIEWS, list_finished(VIEWS)) == ("2", "3", "4")
    many = [view(str(n), method=f"m{n}") for n in range(10, 20)]
    assert newest(many, [one.id for one in many]) == tuple(map(str, range(20 - MOST, 20)))


def test_that_what_is_no_longer_offered_goes_and_nothing_becomes_the_newest():
    assert keep(("1", "9"), VIEWS, ALL) == ("1",)
    assert keep(("9",), VIEWS, ALL) == newest(VIEWS, ALL)


def test_that_runs_are_added_in_their_order_and_neither_none_nor_too_many_are_left():
    assert toggle(("1", "4"), "2", ALL) == ("1", "2", "4")
    assert toggle(("1", "4"), "1", ALL) == ("4",)
    assert toggle(("4",), "4", ALL) == ("4",)
    seven = tuple("1234567")
    assert toggle(seven[:MOST], "7", seven) == seven[:MOST]
