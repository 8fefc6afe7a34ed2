"""A button that opens a list of runs to tick: compact, and it stays open while one ticks."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton

from msde_gui.widgets.labels import plain


class RunsChoice(QPushButton):
    """At most ``most`` runs; the last one cannot be taken away."""

    chosen = Signal(object)  # a list of runs

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.list = _Lasting(self)
        self.setMenu(self.list)

    def show_runs(self, available: Sequence[str], chosen: Sequence[str]) -> None:
        self.setText(f"{len(chosen)} of {len(available)} runs")
        self.setToolTip(plain("\n".join(chosen)))
        if [action.text() for action in self._names()] != list(reversed(available)):
            self.list.clear()
            for run in reversed(available):
                action = self.list.addAction(run)
                action.setCheckable(True)
                action.triggered.connect(self._say)
        for action in self._names():
            on = action.text() in chosen
            action.setChecked(on)
            action.setEnabled(len(chosen) > 1 if on else len(chosen) < self._most)

    def _names(self) -> list[QAction]:
        return [action for action in self.list.actions() if action.isCheckable()]

    def _say(self) -> None:
        self.chosen.emit([a.text() for a in self.list.actions() if a.isChecked()])


class _Lasting(QMenu):
    """Ticks without closing; Escape or a click elsewhere closes it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action and action.isEnabled():
            action.trigger()
        elif not action:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if action and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if action.isEnabled():
                action.trigger()
        else:
            super().keyPressEvent(event)
