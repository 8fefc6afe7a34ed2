"""How heatmaps are looked at, the same in every view: what is asked, in which colours."""

from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.explanation.heatmap import HeatmapRequest

SCALES = {
    "all": "One for all",
    "run": "One per run",
    "image": "Each its own: not comparable",
}


@dataclass(frozen=True)
class HeatmapStyle:
    """``scale`` says which heatmaps share a maximum: a key of ``SCALES``."""

    asked: HeatmapRequest = field(default_factory=HeatmapRequest)
    opacity: float = 0.55
    colours: str = "inferno"
    scale: str = "all"


class HeatmapStyles(QObject):
    """One for all views of a session."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now = HeatmapStyle()

    def see(self, **changes: Any) -> None:
        """Replace some fields of ``HeatmapStyle``."""
        self._become(replace(self.now, **changes))

    def ask(self, **changes: Any) -> None:
        """Replace some fields of what is asked."""
        self._become(replace(self.now, asked=replace(self.now.asked, **changes)))

    def _become(self, look: HeatmapStyle) -> None:
        if look != self.now:
            self.now = look
            self.changed.emit()
