"""The right side of *Experiments*: the queue as a grid, and the curves and log of one run."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.store.runs import State
from msde_gui.pages.experiments.queue_model import QueueModel, history, note
from msde_gui.pages.experiments.run_log import RunLog
from msde_gui.plots.curves import Curves
from msde_gui.style.icons import icon
from msde_gui.widgets.card import Card
from msde_gui.widgets.fold_grid import HEAD, ROW, FoldGrid
from msde_gui.widgets.labels import Elided
from msde_gui.widgets.notice import Notice
from msde_gui.widgets.snippet import monospace

NARROW = 480  # px below which the buttons have no icons
FEWEST = 3  # rows of the queue that are always in sight
BELOW = 460  # px that the curves keep where there is room


class Monitor(QWidget):
    """Shows the queue model; its buttons call the model's verbs."""

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self.model = model
        self.grid = FoldGrid()
        self.details = Details(model)
        self.area = _Area()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidgetResizable(True)
        self.area.setWidget(self.grid)
        self.queue = Card("Queue")
        self.queue.body.addWidget(self.area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.queue)
        column.addWidget(self.details, 1)
        self.grid.chosen.connect(model.choose)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        rows = self.model.rows()
        self.grid.show_rows(rows, self.model.chosen)
        self.queue.note.setText("one row a run, one cell a fold: held-out accuracy in %")
        self._fit()
        self.details.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """The grid takes what its rows need, up to where the curves would lose their room."""
        rows = max(1, len(self.grid.rows))
        seen = max(FEWEST, (self.height() - BELOW) // ROW)
        self.area.setMinimumHeight(HEAD + ROW * min(FEWEST, rows))
        self.area.setMaximumHeight(HEAD + ROW * min(seen, rows))
        self.area.updateGeometry()


class _Area(QScrollArea):
    """Wants to be as high as it may be, and gives way down to its minimum."""

    def sizeHint(self) -> QSize:
        return QSize(360, self.maximumHeight())


class Details(Card):
    """One run: what to do with it, its failure, its curves, its log."""

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self.model = model
        self._log = RunLog()
        self.name = Elided("", "heading", Qt.TextElideMode.ElideMiddle)
        self.state = Elided("", "dim")
        self.stop, self.resume, self.discard = QPushButton(), QPushButton(), QPushButton()
        self.repair = QPushButton()
        self.notice = Notice()
        self.notice.dismiss.hide()
        self.curves = Curves()
        self.log = _pane()
        self.tabs, self.stack = QButtonGroup(self), QStackedWidget()
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        view, fault = self.model.view, self.model.fault
        self.setEnabled(view is not None or bool(fault))
        self._refresh_buttons()
        if view is None:
            self._refresh_damaged(fault)
            return
        self.name.setText(view.id)
        self.state.setText(note(view, self.model.waiting))
        failure = view.run.failure() if view.state is State.FAILED else ""
        failure = failure or self.model.damage
        if failure:
            self.notice.say(failure, self._log.text(view.run))
        self.notice.setVisible(bool(failure))
        self.curves.show_history(history(view))
        if self.stack.currentWidget() is self.log:
            self._refresh_log()

    def _refresh_damaged(self, fault: str) -> None:
        self.notice.setVisible(bool(fault))
        if fault:
            self.name.setText(self.model.chosen)
            self.state.setText("damaged")
            self.notice.say(fault, "")
            self.curves.show_history(history(None))
            self.log.clear()

    def recolour(self) -> None:
        """After a change of theme."""
        self.curves.refresh()
        self.notice.refresh()

    def _refresh_buttons(self) -> None:
        view, model = self.model.view, self.model
        state = view.state if view else None
        stopping = state is State.STOPPING
        self.stop.setText("Force stop" if model.overdue else "Stop")
        self.stop.setEnabled(state is State.RUNNING or model.waits or (stopping and model.overdue))
        self.resume.setText("Start" if state is State.QUEUED else "Resume")
        self.resume.setEnabled(bool(state and state.resumable) and (not model.waits or model.held))
        self.repair.setVisible(bool(model.damage))
        self.discard.setText("Really discard?" if model.armed else "Discard")
        self.discard.setEnabled(bool(model.fault or (state and not state.alive)))
        for button, name in (
            (self.repair, "mdi6.wrench-outline"),
            (self.stop, "mdi6.stop"),
            (self.resume, "mdi6.play"),
            (self.discard, "mdi6.trash-can-outline"),
        ):
            button.setIcon(icon(name) if self.width() > NARROW else QIcon())

    def _refresh_log(self) -> None:
        view = self.model.view
        text = self._log.text(view.run) if view else ""
        if text != self.log.toPlainText():
            bar = self.log.verticalScrollBar()
            at_end = bar.value() >= bar.maximum()
            self.log.setPlainText(text)
            bar.setValue(bar.maximum() if at_end else bar.value())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._refresh_buttons()

    def _show_tab(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self.refresh()

    def _connect(self) -> None:
        self.stop.clicked.connect(self.model.stop)
        self.repair.clicked.connect(self.model.repair)
        self.resume.clicked.connect(self.model.resume)
        self.discard.clicked.connect(self.model.discard)
        self.tabs.idClicked.connect(self._show_tab)

    def _lay_out(self) -> None:
        self.stop.setToolTip("Stop after the current batch; nothing is lost")
        self.resume.setToolTip("Go on where the run was cut short")
        self.repair.setText("Repair")
        self.repair.setToolTip("Make again what folds of this run have lost")
        self.discard.setToolTip("Move the run to the trash")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.name, 1)
        for button in (self.repair, self.stop, self.resume, self.discard):
            head.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, (title, page) in enumerate((("Curves", self.curves), ("Log", self.log))):
            row.addWidget(self._tab(title, number))
            self.stack.addWidget(page)
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.state, 1)
        self.body.addLayout(head)
        self.body.addLayout(row)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.stack, 1)

    def _tab(self, title: str, number: int) -> QToolButton:
        tab = QToolButton()
        tab.setText(title)
        tab.setCheckable(True)
        tab.setChecked(number == 0)
        tab.setProperty("tab", True)
        self.tabs.addButton(tab, number)
        return tab


def _pane() -> QPlainTextEdit:
    pane = QPlainTextEdit(readOnly=True)
    pane.setStyleSheet(monospace())
    return pane
