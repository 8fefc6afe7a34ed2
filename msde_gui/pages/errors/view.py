"""The Errors tab: runs and filter above, the list of error views, and the one that is chosen."""

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain import Condition, Expression
from msde_gui.dialogs.damaged_runs import list_damaged
from msde_gui.pages.errors.card import ListingCard
from msde_gui.pages.errors.model import ErrorsModel
from msde_gui.pages.errors.run_picker import RunsChoice
from msde_gui.pages.errors.views import VIEWS
from msde_gui.panel import Command
from msde_gui.session.run_choice import MOST
from msde_gui.session.selection import Filter
from msde_gui.session.session import Session
from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.filterbar import FilterBar

NAMES = ([expression.title for expression in Expression], [c.title for c in Condition])
NOTHING = (
    "No errors to read yet",
    "They appear as soon as one fold of a run is done and its held-out faces are judged.",
)
WIDE = 800  # px from which the views are listed on the left
NARROWEST, LIST, ROW = 480, 196, 32  # px


class ErrorsView(QWidget):
    """Works out what it shows when it is seen, not before."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.model = ErrorsModel(session)
        self.setMinimumWidth(NARROWEST)  # the layout of a wide page must not hold it open
        self.runs = RunsChoice(MOST)
        list_damaged(self.runs.list, session)
        self.bar = FilterBar(*NAMES)
        self.list = QListWidget()
        self.short = QComboBox()
        self.card = ListingCard(session, self.model)
        self.empty = Empty("mdi6.alert-circle-outline", *NOTHING)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the model as it is now."""
        self.empty.refresh()
        self.stack.setCurrentIndex(1 if self.model.chosen else 0)
        if not self.isVisible() or not self.model.chosen:
            return
        chosen, place = self._session.filter, list(VIEWS).index(self.model.name)
        self.runs.show_runs(self.model.available, self.model.chosen)
        self.bar.show_folds(self._folds(), (), "")
        self.bar.show_choice(chosen.expression, chosen.condition, chosen.subject, chosen.fold)
        for part in (self.list, self.short):
            part.blockSignals(True)
        self.list.setCurrentRow(place)
        self.short.setCurrentIndex(place)
        for part in (self.list, self.short):
            part.blockSignals(False)
        self.card.refresh()

    def commands(self) -> list[Command]:
        views = [
            Command(f"Errors: {view.title.lower()}", partial(self.model.show, name))
            for name, view in VIEWS.items()
        ]
        return [
            *views,
            Command("Export the errors shown as CSV", self.card.export),
            Command("Copy the command of these errors", self.card.copy_command),
        ]

    def _folds(self) -> int:
        view = self._session.runs.view(self.model.looked) if self._session.runs else None
        return len(view.run.protocol.folds) if view else 0

    def _connect(self) -> None:
        self.model.changed.connect(self.refresh)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut("M", self, context=here).activated.connect(self.model.look_on)
        self.runs.chosen.connect(self.model.choose)
        self.bar.changed.connect(self._narrow)
        self.bar.clear.clicked.connect(lambda: self._session.narrow(Filter()))
        self.list.currentRowChanged.connect(self._show)
        self.short.currentIndexChanged.connect(self._show)
        self._session.study_changed.connect(self.card.table.forget)

    def _show(self, place: int) -> None:
        self.model.show(list(VIEWS)[place])

    def _narrow(self) -> None:
        bar = self.bar
        self._session.narrow(Filter(bar.expression, bar.condition, bar.subject, bar.fold))

    def _lay_out(self) -> None:
        begin = self.empty.button("Go to Experiments", primary=True)
        begin.clicked.connect(lambda: self._session.asked_for_page.emit("experiments"))
        self._fill_lists()
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.beside)
        middle.addWidget(self.card, 1)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(self._tools())
        column.addLayout(middle, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _fill_lists(self) -> None:
        for view in VIEWS.values():
            item = QListWidgetItem(view.title, self.list)
            item.setSizeHint(QSize(0, ROW))
            self.short.addItem(view.title)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Error views")
        self.beside = Card()
        self.beside.setFixedWidth(LIST)
        self.beside.body.setContentsMargins(6, 8, 6, 8)
        self.beside.body.addWidget(self.list)

    def _tools(self) -> QBoxLayout:
        self.tools = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.tools.setSpacing(8)
        first = QHBoxLayout()
        first.addWidget(self.runs)
        first.addWidget(self.short, 1)
        self.tools.addLayout(first)
        self.tools.addWidget(self.bar, 1)
        return self.tools

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self.card.table.setFocus()  # the keyboard is where one reads on

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow page offers the views in a line instead of a list."""
        wide = event.size().width() >= WIDE
        self.beside.setVisible(wide)
        self.short.setVisible(not wide)
        direction = QBoxLayout.Direction
        self.tools.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def event(self, event: QEvent) -> bool:
        """Ctrl+E exports this view while it has the keyboard, before any other taker."""
        if isinstance(event, QKeyEvent) and _exports(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                self.card.export()
            return True
        return super().event(event)


def _exports(event: QKeyEvent) -> bool:
    control = Qt.KeyboardModifier.ControlModifier
    return event.key() == Qt.Key.Key_E and event.modifiers() == control
