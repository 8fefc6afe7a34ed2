"""Where each network looks: heatmaps of the selected faces, and attention as a number."""

from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout

from msde_gui.pages.attention.view import AttentionView
from msde_gui.pages.explain.view import HeatmapsView
from msde_gui.panel import Command, Panel
from msde_gui.session.session import Session
from msde_gui.widgets.labels import label

EXPORT = Qt.Modifier.CTRL | Qt.Key.Key_E
STEP = 0.1  # of opacity, for one press of a key


class ExplainPanel(Panel):
    title = "Explain"
    icon = "mdi6.eye-outline"
    place = 60

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.heatmaps, self.attention = HeatmapsView(session), AttentionView(session)
        self.tabs, self.pages = QButtonGroup(self), QStackedWidget()
        self._lay_out()

    def refresh(self) -> None:
        self.heatmaps.refresh()
        self.attention.refresh()

    def show_tab(self, number: int) -> None:
        """Heatmaps (0) or attention (1)."""
        self.tabs.button(number).setChecked(True)
        self.pages.setCurrentIndex(number)
        self.heatmaps.tools.setVisible(number == 0)
        (self.attention if number else self.heatmaps.grid).setFocus()

    def commands(self) -> list[Command]:
        tools = self.heatmaps.tools
        return [
            Command("Show or hide the heatmaps", self._toggle, "C"),
            Command("Heatmaps more transparent", partial(self._fade, -STEP), "["),
            Command("Heatmaps more opaque", partial(self._fade, STEP), "]"),
            Command("Explain the wrong faces of the newest run", self._take_wrong),
            Command("Export the heatmaps", tools.save),
            Command("Copy the command of the heatmaps", tools.copy_command),
            *self.attention.commands(),
        ]

    def _toggle(self) -> None:
        if self.isVisible():
            self.heatmaps.model.toggle()

    def _fade(self, by: float) -> None:
        if self.isVisible():
            looks = self.heatmaps.model.looks
            looks.see(opacity=round(min(1.0, max(0.0, looks.now.opacity + by)), 2))

    def _take_wrong(self) -> None:
        self.heatmaps.model.take_wrong()
        self.session.asked_for_page.emit("explain")

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addLayout(self._head())
        outer.addWidget(self.pages, 1)
        self.tabs.idClicked.connect(self.show_tab)
        self.show_tab(0)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.title, "title"))
        head.addSpacing(6)
        pages = (("Heatmaps", self.heatmaps), ("Attention", self.attention))
        for place, (title, page) in enumerate(pages):
            tab = QToolButton()
            tab.setText(title)
            tab.setCheckable(True)
            tab.setProperty("tab", True)
            self.tabs.addButton(tab, place)
            head.addWidget(tab)
            self.pages.addWidget(page)
        head.addWidget(self.heatmaps.tools, 100)
        head.addStretch(1)
        head.addStrut(30)
        return head

    def showEvent(self, event: QShowEvent) -> None:
        self.show_tab(self.pages.currentIndex())

    def event(self, event: QEvent) -> bool:
        """Here Ctrl+E exports the heatmaps; elsewhere it exports what is there."""
        asking = event.type() == QEvent.Type.ShortcutOverride
        if asking and isinstance(event, QKeyEvent) and event.keyCombination() == EXPORT:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.keyCombination() == EXPORT:
            self.heatmaps.tools.save()
        else:
            super().keyPressEvent(event)
