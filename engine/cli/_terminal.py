"""What reaches the terminal: every answer and error of a command goes through here."""

import os
import re
from io import StringIO
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.domain import Failure

# Control characters, marks that turn the direction of text, line ends of Unicode, halves of letters
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""The text with what a terminal would obey or hide written out, such as ``\u001b``.

    JSON reads it back as what it was.
    """
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible_lines(text: str) -> str:
    """As ``visible``, but lines stay lines: for a text that has some of its own."""
    return "\n".join(map(visible, text.split("\n")))


def plain(text: object, style: str = "") -> Text:
    """For rich, which takes brackets and colons in a ``str`` as markup."""
    return Text(visible(str(text)), style)


def say(text: str, stream: TextIO | None) -> None:
    """Write lines. Nobody listening is no failure; raises ``Failure`` for a full disk."""
    if stream is None:  # closed by whoever started the program
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python writes again at its end
        if not isinstance(error, BrokenPipeError):
            raise Failure(f"The answer cannot be written: {error.strerror}.") from error


def draw(parts: tuple[Table | str, ...]) -> str:
    """Tables and sentences as the terminal shows them."""
    here, page = Console(), StringIO()
    console = Console(file=page, force_terminal=here.is_terminal, width=here.width)
    for part in parts:
        console.print(part if isinstance(part, Table) else plain(part))
    return page.getvalue()
