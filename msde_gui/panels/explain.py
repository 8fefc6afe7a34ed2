"""Where each network looks: the selected faces in rows, runs in columns, heatmaps in the cells."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msde_gui.attention.view import AttentionView
from msde_gui.explain import export
from msde_gui.explain.bar import ColourBar, number, scale_numbers
from msde_gui.explain.colours import FINE, fine
from msde_gui.explain.columns import MOST
from msde_gui.explain.controls import Controls
from msde_gui.explain.grid import Grid
from msde_gui.explain.model import ExplainModel
from msde_gui.explain.pictures import Pictures
from msde_gui.explain.warming import Warming
from msde_gui.faces import Faces
from msde_gui.icons import icon
from msde_gui.panel import Command, Panel
from msde_gui.session import Session
from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided, label

EXPORT = Qt.Modifier.CTRL | Qt.Key.Key_E
BREATH = 2  # ms between two steps of an export
STEP = 0.1  # of opacity, for one press of a key
Place = tuple[int, int, float, float]  # row, column, and the point in the picture, 0 to 1
NO_RUN = (
    "No finished run yet",
    "Heatmaps show where the networks of a run look: let one run finish first.",
)
NO_FACE = (
    "No face is selected",
    "Click a cell of a confusion matrix or a face, or begin with the mistakes of the newest run.",
)
NO_COLUMN = ("No run is chosen", "Choose up to six runs to compare.")


class ExplainPanel(Panel):
    title = "Explain"
    icon = "mdi6.eye-outline"
    place = 60

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = ExplainModel(session)
        self.warming = Warming(self.model)
        faces = Faces(session)
        self.pictures = Pictures(faces.jpeg)
        self.grid = Grid(self.model, self.pictures)
        self.controls = Controls(self.model)
        self.note = Elided("", "dim")
        self.runs = QPushButton()
        self.export = QPushButton(self.tr("Export"))
        self.copy = QPushButton(self.tr("Copy command"))
        self.bar = ColourBar()
        self.readout = Elided("", "dim")
        self.progress = QProgressBar(textVisible=False)
        self.stop = QPushButton(self.tr("Stop"))
        self.empty = Empty(self.icon, *NO_RUN)
        self.stack = QStackedWidget()
        self.attention = AttentionView(session)
        self.tabs, self.pages, self.tools = QButtonGroup(self), QStackedWidget(), QWidget()
        self._at: Place | None = None
        self._lay_out()
        self._connect(faces)
        self.refresh()

    def refresh(self) -> None:
        self._refresh_maps()
        self.attention.refresh()

    def _refresh_maps(self) -> None:
        model = self.model
        self.note.setText(model.note if model.rows and model.runs else "")
        self.stack.setCurrentIndex(1 if model.rows and model.runs else 0)
        self._refresh_empty()
        self._refresh_head()
        self.controls.refresh()
        self.bar.show_scale(model.looks.now.colours, scale_numbers(model.peak))
        self._refresh_progress()
        self._read_out()
        self.grid.refresh()

    def show_tab(self, number: int) -> None:
        """Heatmaps (0) or attention (1)."""
        self.tabs.button(number).setChecked(True)
        self.pages.setCurrentIndex(number)
        self.tools.setVisible(number == 0)
        self.model.watch(number == 0 and self.isVisible())
        (self.attention if number else self.grid).setFocus()

    def commands(self) -> list[Command]:
        return [
            Command("Show or hide the heatmaps", self._toggle, "C"),
            Command("Heatmaps more transparent", partial(self._fade, -STEP), "["),
            Command("Heatmaps more opaque", partial(self._fade, STEP), "]"),
            Command("Explain the wrong faces of the newest run", self._take_wrong),
            Command("Export the heatmaps", self._export),
            Command("Copy the commands of the heatmaps", self._copy),
            *self.attention.commands(),
        ]

    def _refresh_empty(self) -> None:
        self.empty.refresh()
        offered = bool(self.model.offered)
        self.empty.say(*(NO_RUN if not offered else NO_COLUMN if self.model.rows else NO_FACE))
        self.begin.setVisible(not offered)
        self.wrong.setVisible(offered and not self.model.rows)

    def _refresh_head(self) -> None:
        self.runs.setText(f"Runs ({len(self.model.columns)})")
        self.runs.setVisible(bool(self.model.offered))
        self.export.setIcon(icon("mdi6.tray-arrow-up"))
        self.copy.setIcon(icon("mdi6.console"))
        for button in (self.export, self.copy):
            button.setVisible(bool(self.model.rows and self.model.runs))

    def _refresh_progress(self) -> None:
        total, missing = len(self.model.rows) * len(self.model.columns), self.model.maps.missing
        self.progress.setMaximum(max(1, total))
        self.progress.setValue(total - missing)
        for part in (self.progress, self.stop):
            part.setVisible(missing > 0)

    def _connect(self, faces: Faces) -> None:
        self.model.changed.connect(self._refresh_maps)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut("M", self.stack, context=here).activated.connect(self.model.show_next)
        self.grid.pointed.connect(self._point)
        self.grid.chosen.connect(self.session.focus)
        self.grid.looked_at.connect(self.model.look_at)
        self.grid.other_wanted.connect(faces.focus_partner)
        self.export.clicked.connect(self._export)
        self.copy.clicked.connect(self._copy)
        self.stop.clicked.connect(self.model.maps.stop)
        self.session.focus_changed.connect(self._follow_focus)
        self.session.hovered.connect(lambda _: self.grid.viewport().update())
        self.session.study_changed.connect(self.pictures.clear)

    def _point(self, at: Place | None) -> None:
        self.session.hover(self.model.rows[at[0]] if at else None)
        self._at = at
        self._read_out()

    def _read_out(self) -> None:
        """Of the place under the pointer, as long as it is there."""
        row, column = self._at[:2] if self._at else (0, 0)
        there = self._at and row < len(self.model.rows) and column < len(self.model.runs)
        self.readout.setText(self._value(*self._at) if self._at and there else "")

    def _value(self, row: int, column: int, x: float, y: float) -> str:
        """What lies under the pointer, in numbers."""
        cell = self.model.cell(row, column) if column >= 0 else None
        if not cell or not cell.map or not (0 <= x < 1 and 0 <= y < 1):
            return ""
        value = float(fine(cell.map.values)[int(y * FINE), int(x * FINE)])
        share = f"{100 * value / cell.peak:.0f} % of the scale" if cell.peak else "a flat map"
        own = f"{100 * value / cell.map.peak:.0f} % of this map's maximum" if cell.map.peak else ""
        return " · ".join(filter(None, (self.model.runs[column], number(value), share, own)))

    def _follow_focus(self) -> None:
        self.grid.reveal(self.session.focused)
        self.grid.viewport().update()

    def _toggle(self) -> None:
        if self.isVisible():
            self.model.toggle()

    def _fade(self, by: float) -> None:
        if self.isVisible():
            opacity = self.model.looks.now.opacity + by
            self.model.looks.see(opacity=round(min(1.0, max(0.0, opacity)), 2))

    def _take_wrong(self) -> None:
        self.model.take_wrong()
        self.session.asked_for_page.emit(self.title)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.model.commands())
        self.session.said.emit("Commands copied" if len(self.model.runs) > 1 else "Command copied")

    def _export(self) -> None:
        """A little at a time, so that the window stays awake."""
        if not self.session.study or not self.model.rows or not self.model.runs:
            self.session.said.emit("There is no heatmap to export")
            return
        place = export.folder(self.session.study.folder)
        steps = export.write_all(self.model.still, self.model.commands(), self.pictures, place)

        def go_on() -> None:
            try:
                next(steps)
            except StopIteration:
                self.session.said.emit(f"Heatmaps written: {place}")
            except OSError as error:
                self.session.failed.emit(f"{place} cannot be written: {error.strerror}.", "")
            else:
                QTimer.singleShot(BREATH, self, go_on)

        go_on()

    def _offer_runs(self) -> None:
        """All finished runs; those that are columns are ticked."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for run in reversed(self.model.offered):
            action = menu.addAction(run)
            action.setCheckable(True)
            action.setChecked(run in self.model.columns)
            action.setEnabled(action.isChecked() or len(self.model.columns) < MOST)
            action.toggled.connect(partial(self.model.choose, run))
        menu.popup(self.runs.mapToGlobal(self.runs.rect().bottomLeft()))

    def _lay_out(self) -> None:
        self.begin = self.empty.button(self.tr("Go to Experiments"), primary=True)
        self.begin.clicked.connect(lambda: self.session.asked_for_page.emit("Experiments"))
        self.wrong = self.empty.button(self.tr("Take the newest run's wrong faces"), primary=True)
        self.wrong.clicked.connect(self._take_wrong)
        self.runs.clicked.connect(self._offer_runs)
        card = Card()
        for part, stretch in ((self.controls, 0), (self.grid, 1), (self._foot(), 0)):
            card.body.addWidget(part, stretch)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(card)
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
        pages = (("Heatmaps", self.stack), ("Attention", self.attention))
        for place, (title, page) in enumerate(pages):
            tab = QToolButton()
            tab.setText(title)
            tab.setCheckable(True)
            tab.setProperty("tab", True)
            self.tabs.addButton(tab, place)
            head.addWidget(tab)
            self.pages.addWidget(page)
        tools = QHBoxLayout(self.tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.addWidget(self.note, 1)
        for button in (self.runs, self.copy, self.export):
            tools.addWidget(button)
        head.addWidget(self.tools, 100)
        head.addStretch(1)
        head.addStrut(30)
        return head

    def _foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        self.progress.setFixedWidth(110)
        row.addWidget(self.bar)
        row.addWidget(self.readout, 1)
        row.addWidget(self.progress)
        row.addWidget(self.stop)
        return foot

    def showEvent(self, event: QShowEvent) -> None:
        self.show_tab(self.pages.currentIndex())

    def hideEvent(self, event: QHideEvent) -> None:
        self.model.watch(False)

    def event(self, event: QEvent) -> bool:
        """Here Ctrl+E exports the heatmaps; elsewhere it exports what is there."""
        asking = event.type() == QEvent.Type.ShortcutOverride
        if asking and isinstance(event, QKeyEvent) and event.keyCombination() == EXPORT:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.keyCombination() == EXPORT:
            self._export()
        else:
            super().keyPressEvent(event)
