"""Where runs look, as numbers: box plots by region, the paper's claim, average faces, tests."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from msde_gui.dialogs.damaged_runs import list_damaged
from msde_gui.pages.attention.appearance import AttentionAppearance
from msde_gui.pages.attention.cards import FacesCard, PlotCard, TestsCard, WordsCard
from msde_gui.pages.attention.controls import AttentionControls
from msde_gui.pages.attention.exports import AttentionExports
from msde_gui.pages.attention.model import AttentionModel
from msde_gui.pages.attention.request import REGIONS
from msde_gui.panel import Command
from msde_gui.plots.quartiles import Box
from msde_gui.session.session import Session
from msde_gui.style.icons import icon
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided, plain

NO_RUN = (
    "No finished run yet",
    "Attention is measured in the heatmaps of trained networks: let one run finish first.",
)
NOT_YET = (
    "Not measured yet",
    "Every face is explained by the network that never saw its subject, and the map's energy on "
    "mask, mouth, nose, cheeks, eyes, brows and forehead is added up. Two thousand faces take "
    "about half a minute for each run; what was measured is kept.",
)
WAIT = ("Measuring", "Runs that are whole by now are kept if you cancel.")
LOOK = ("Looking for what is kept", "")


class AttentionView(QWidget):
    """A tab of the Explain page; ``refresh`` may be called at any time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.model = AttentionModel(session)
        self.drawn = AttentionAppearance(self.model)
        self.exports = AttentionExports(session, self.model, self.drawn)
        self.options = AttentionControls(self.model)
        list_damaged(self.options.list, session)
        self.note, self.bar = Elided("", "dim"), QProgressBar(textVisible=False)
        self.export, self.copy = QPushButton("Export"), QPushButton("Copy command")
        self.empty = Empty("mdi6.chart-box-outline", *NOT_YET)
        self.stack = QStackedWidget()
        self.plot, self.words = PlotCard(self.drawn), WordsCard()
        self.faces, self.tests = FacesCard(self.drawn), TestsCard(session)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        found = self.model.found
        self.options.refresh()
        self.options.setVisible(bool(self.model.offered))
        self.stack.setCurrentIndex(1 if found else 0)
        self._refresh_empty()
        for button, picture in ((self.export, "mdi6.tray-arrow-up"), (self.copy, "mdi6.console")):
            button.setIcon(icon(picture))
        self.export.setVisible(found is not None)
        self.copy.setVisible(bool(self.model.choice.runs))
        for card in (self.plot, self.words, self.faces, self.tests):
            card.show_found(found)
        self._show_work()

    def commands(self) -> list[Command]:
        measure = Command("Measure attention", self._if_seen(self.model.compute))
        return [measure, *self.exports.commands()]

    def _if_seen(self, run: Callable[[], None]) -> Callable[[], object]:
        """A command of the whole window does something only where it is seen."""
        return lambda: run() if self.isVisible() else None

    def _refresh_empty(self) -> None:
        model = self.model
        ready = model.offered and not model.computing and not model.looking
        shown = WAIT if model.computing else LOOK if model.looking else NOT_YET
        self.empty.say(*(shown if model.offered else NO_RUN))
        self.begin.setVisible(not model.offered)
        self.measure.setVisible(bool(ready))
        self.empty.refresh()

    def _show_work(self) -> None:
        work = self.model.work
        self.bar.setVisible(work is not None)
        self.note.setText(work.text if work else self.drawn.note)
        if work:
            self.bar.setRange(0, work.total)
            self.bar.setValue(work.done)

    def _pick(self, box: Box, row: int | None) -> None:
        """The middle half of a box, or all that lie beyond its whisker on the side of a dot."""
        found, values = self.model.found, self.plot.boxes.values(box)
        if not found:
            return
        if row is None:
            keep, part = (values >= box.ends[1]) & (values <= box.ends[3]), "middle half"
        elif values[row] > box.ends[-1]:
            keep, part = values > box.ends[-1], "highest 5 %"
        else:
            keep, part = values < box.ends[0], "lowest 5 %"
        rows = np.flatnonzero(keep)
        highest_first = rows[np.argsort(-values[rows], kind="stable")]
        kind = "density" if self.drawn.dense else "share"
        self.model.select(
            found.runs[box.series], highest_first, f"{REGIONS[box.group]} {kind}, {part}"
        )
        if row is not None:
            self.session.focus(int(found.samples[row]))

    def _connect(self) -> None:
        model = self.model
        model.changed.connect(self.refresh)
        model.worked.connect(self._show_work)
        self.drawn.changed.connect(self.refresh)
        self.plot.boxes.picked.connect(self._pick)
        self.faces.strip.picked.connect(model.select_mean)
        self.copy.clicked.connect(self.exports.copy_command)
        self.measure.clicked.connect(model.compute)
        self.begin.clicked.connect(lambda: self.session.asked_for_page.emit("experiments"))

    def _lay_out(self) -> None:
        self.begin = self.empty.button("Go to Experiments", primary=True)
        self.measure = self.empty.button("Compute", primary=True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for card in (self.plot, self.words, self.faces, self.tests):
            column.addWidget(card)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(area)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.options)
        outer.addWidget(self.stack, 1)
        outer.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        menu = QMenu(self)
        for command in self.exports.commands():
            menu.addAction(command.title).triggered.connect(lambda _=False, c=command: c.run())
        self.export.setMenu(menu)
        keys = QKeySequence("Ctrl+E").toString(QKeySequence.SequenceFormat.NativeText)
        self.export.setToolTip(plain(f"Figure, shares, tests  {keys}"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStrut(30)
        row.addWidget(self.note, 2)
        row.addWidget(self.bar, 1)
        row.addWidget(self.copy)
        row.addWidget(self.export)
        return row

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.wake()

    def event(self, event: QEvent) -> bool:
        """Ctrl+E opens this view's exports while it has the keyboard, before any other taker."""
        if isinstance(event, QKeyEvent) and _exports(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress and self.model.found:
                self.export.showMenu()
            return True
        return super().event(event)


def _exports(event: QKeyEvent) -> bool:
    control = Qt.KeyboardModifier.ControlModifier
    return event.key() == Qt.Key.Key_E and event.modifiers() == control
