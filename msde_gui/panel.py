"""What every panel of the main window is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from msde_gui.session.session import Session


@dataclass(frozen=True)
class Command:
    """Something the command palette can do."""

    title: str
    run: Callable[[], object]
    keys: str = ""  # a shortcut in Qt's notation, such as Ctrl+E


class Panel(QWidget):
    """A view of the session. Drop a subclass into ``pages/`` and the window shows it."""

    title: ClassVar[str]
    icon: ClassVar[str]  # a qtawesome name, such as mdi6.image-multiple-outline
    place: ClassVar[int]  # panels are laid out in this order
    dock: ClassVar[bool] = False  # beside every page instead of a page of its own

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def refresh(self) -> None:
        """Show the session as it is now; called again at any time, also after a change of theme."""

    def commands(self) -> list[Command]:
        """What the panel offers to the command palette and as shortcuts."""
        return []
