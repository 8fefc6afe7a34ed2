"""A menu of names with check marks that stays open while one chooses."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

SPACE = " "


class Checklist(QMenu):
    """Says which name was clicked; who listens decides what is checked."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()

    def show_names(self, names: Sequence[str], checked: Collection[str], most: int) -> None:
        """No more than ``most`` can be checked, and no fewer than one."""
        if tuple(names) != self.names:
            self.names = tuple(names)
            self.clear()
            for name in names:
                self.addAction(name).setCheckable(True)
        for action in filter(QAction.isCheckable, self.actions()):
            chosen = action.text() in checked
            action.setChecked(chosen)
            action.setEnabled(len(checked) > 1 if chosen else len(checked) < most)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action and action.isEnabled():
            self.toggled.emit(action.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.text() == SPACE and action and action.isEnabled():
            self.toggled.emit(action.text())
        else:
            super().keyPressEvent(event)
