"""How heatmaps are looked at, the same in every view: what is asked, in which colours."""

from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.explanation.heatmap import Asked
from msde_gui.session.session import Session

SCALES = {
    "all": "One for all",
    "run": "One per run",
    "image": "Each its own: not comparable",
}


@dataclass(frozen=True)
class Look:
    """``scale`` says which heatmaps share a maximum: a key of ``SCALES``."""

    asked: Asked = field(default_factory=Asked)
    opacity: float = 0.55
    colours: str = "inferno"
    scale: str = "all"


class Looks(QObject):
    """The look of a session. Use ``looks``."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.now = Look()

    def see(self, **changes: Any) -> None:
        """Replace some fields of ``Look``."""
        self._become(replace(self.now, **changes))

    def ask(self, **changes: Any) -> None:
        """Replace some fields of what is asked."""
        self._become(replace(self.now, asked=replace(self.now.asked, **changes)))

    def _become(self, look: Look) -> None:
        if look != self.now:
            self.now = look
            self.changed.emit()


def looks(session: Session) -> Looks:
    """One for all views of a session."""
    return session.findChild(Looks) or Looks(session)
