"""Finding commands by a few letters."""

import pytest

from msde_gui.panel import Command
from msde_gui.window.command_palette import fitting

COMMANDS = [
    Command(title, lambda: None) for title in ("Show or hide Gallery", "Go to Data", "Dark theme")
]


@pytest.mark.parametrize(
    ("wanted", "best"),
    [("gal", "Show or hide Gallery"), ("gd", "Go to Data"), ("th", "Dark theme")],
)
def test_that_the_best_command_comes_first(wanted, best):
    assert fitting(wanted, COMMANDS)[0].title == best


def test_that_a_command_without_the_letters_is_left_out():
    assert fitting("zebra", COMMANDS) == []
    assert fitting("", COMMANDS) == COMMANDS
