"""Choose what to train, queue it, and watch it train."""

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout

from engine.paper.tables import TABLES
from msde_gui.dialogs import reproduce_dialog
from msde_gui.pages.experiments.form_model import ExperimentModel
from msde_gui.pages.experiments.form_view import ExperimentCard
from msde_gui.pages.experiments.queue_model import QueueModel
from msde_gui.pages.experiments.queue_view import Monitor
from msde_gui.panel import Command, Panel
from msde_gui.session.session import Session
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided, label

NARROW, WIDE = 268, 350  # px of the form
NO_FACES = ("No faces to train on", "Import a folder of faces into the study first.")
NO_RUN = ("No run yet", "Choose a method on the left and press Queue run.")


class ExperimentsPanel(Panel):
    title = "Experiments"
    icon = "mdi6.flask-outline"
    place = 30

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = ExperimentModel(session)
        self.queue = QueueModel(session)
        self.note = Elided("", "dim")
        self.card = ExperimentCard(session, self.model)
        self.monitor = Monitor(self.queue)
        self.empty = Empty(self.icon, *NO_RUN)
        self.stack = QStackedWidget()
        self._lay_out()
        self.model.queued.connect(self.queue.choose)
        self.model.changed.connect(self._refresh_empty)
        self.queue.changed.connect(self._refresh_runs)
        self.refresh()

    def refresh(self) -> None:
        self.card.refresh()
        self.monitor.refresh()
        self.monitor.details.recolour()
        self.empty.refresh()
        self._refresh_empty()
        self._refresh_runs()

    def commands(self) -> list[Command]:
        return [
            Command("Queue run", self.model.queue, "Ctrl+Return"),
            Command("Stop the chosen run", self.queue.stop, "Ctrl+."),
            Command("Resume the chosen run", self.queue.resume),
            Command("Copy the command of this experiment", self.card.copy_command),
            *(
                Command(f"Reproduce {t.title}", partial(self._reproduce, n))
                for n, t in TABLES.items()
            ),
        ]

    def _reproduce(self, table: str) -> None:
        reproduce_dialog.reproduce(self.session, table, self.model.choice.preset, self)

    def _refresh_runs(self) -> None:
        views, damaged = self.queue.views, self.queue.damaged
        self.stack.setCurrentWidget(self.monitor if views or damaged else self.empty)
        working = sum(view.state.alive for view in views)
        parts = [f"{len(views)} run{'' if len(views) == 1 else 's'}"] if views else []
        parts += [f"{working} working"] if working else []
        parts += [f"{len(damaged)} damaged"] if damaged else []
        held = ", queue stopped: Resume lets it go on" if self.queue.held else ""
        parts += [f"{len(self.queue.waiting)} waiting{held}"] if self.queue.waiting else []
        self.note.setText(" · ".join(parts))

    def _refresh_empty(self) -> None:
        filled = bool(len(self.session.dataset))
        self.empty.say(*(NO_RUN if filled else NO_FACES))
        self.begin.setVisible(filled)
        self.begin.setEnabled(self.model.ready)
        self.tables.setEnabled(self.model.ready)
        self.bring_in.setVisible(not filled)

    def _lay_out(self) -> None:
        self.begin: QPushButton = self.empty.button("Queue run", primary=True)
        self.bring_in: QPushButton = self.empty.button("Go to Data", primary=True)
        self.begin.clicked.connect(self.model.queue)
        self.bring_in.clicked.connect(lambda: self.session.asked_for_page.emit("data"))
        self.stack.addWidget(self.monitor)
        self.stack.addWidget(self.empty)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addStrut(30)
        head.addWidget(label(self.title, "title"))
        head.addWidget(self.note, 1)
        self.tables = reproduce_dialog.button(self.session, lambda: self.model.choice.preset)
        head.addWidget(self.tables)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.card)
        row.addWidget(self.stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(row, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The form gives room to the curves where the page is narrow."""
        self.card.setFixedWidth(NARROW if event.size().width() < 860 else WIDE)
