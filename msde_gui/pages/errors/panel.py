"""From a number to the faces behind it: what goes wrong, and where it lies."""

from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from msde_gui.pages.embeddings.view import EmbeddingsView
from msde_gui.pages.errors.view import ErrorsView
from msde_gui.panel import Command, Panel
from msde_gui.session.session import Session
from msde_gui.widgets.labels import label


class ErrorsPanel(Panel):
    title = "Errors & embeddings"
    icon = "mdi6.chart-bubble"
    place = 50

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.errors, self.embeddings = ErrorsView(session), EmbeddingsView(session)
        self.tabs = QButtonGroup(self)
        self.stack = QStackedWidget()
        self._lay_out()

    def refresh(self) -> None:
        self.errors.refresh()
        self.embeddings.refresh()

    def commands(self) -> list[Command]:
        return [*self.errors.commands(), *self.embeddings.commands()]

    def show_tab(self, number: int) -> None:
        self.tabs.button(number).setChecked(True)
        self.stack.setCurrentIndex(number)
        if number:  # the errors choose their table themselves
            self.embeddings.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addStrut(30)
        head.addWidget(label(self.title, "title"))
        head.addSpacing(14)
        tabs = (("Errors", self.errors), ("Embeddings", self.embeddings))
        for number, (title, view) in enumerate(tabs):
            tab = QToolButton()
            tab.setText(title)
            tab.setCheckable(True)
            tab.setProperty("tab", True)
            self.tabs.addButton(tab, number)
            head.addWidget(tab)
            self.stack.addWidget(view)
        head.addStretch(1)
        self.tabs.idClicked.connect(self.show_tab)
        self.show_tab(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
