"""What one does with all heatmaps at once: choose the runs, copy the commands, export."""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from engine.domain import Failure
from engine.system.faults import cause
from msde_gui.dialogs.damaged_runs import list_damaged
from msde_gui.heatmaps.pixmaps import HeatmapPixmaps
from msde_gui.pages.explain import export
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.session.run_choice import MOST
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided

BREATH = 2  # ms between two steps of an export


class ExplainTools(QWidget):
    """Stands in the head of the page, beside what the heatmaps are of."""

    def __init__(self, model: ExplainModel, pictures: HeatmapPixmaps) -> None:
        super().__init__()
        self._model, self._pictures = model, pictures
        self.note = Elided("", "dim")
        self.runs = QPushButton()
        self.copy = QPushButton("Copy command")
        self.export = QPushButton("Export")
        self.runs.clicked.connect(self._offer_runs)
        self.copy.clicked.connect(self.copy_commands)
        self.export.clicked.connect(self.save)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.note, 1)
        for button in (self.runs, self.copy, self.export):
            row.addWidget(button)

    def refresh(self) -> None:
        model = self._model
        self.note.setText(model.note if model.filled else "")
        self.runs.setText(f"Runs ({len(model.columns)})")
        self.runs.setVisible(bool(model.offered))
        for button, picture in ((self.export, "mdi6.tray-arrow-up"), (self.copy, "mdi6.console")):
            button.setIcon(icon(picture))
            button.setVisible(model.filled)

    def copy_commands(self) -> None:
        model = self._model
        QGuiApplication.clipboard().setText(model.commands())
        model.session.said.emit("Commands copied" if len(model.runs) > 1 else "Command copied")

    def save(self) -> None:
        """A little at a time, so that the window stays awake."""
        model, session = self._model, self._model.session
        if not session.study or not model.filled:
            session.said.emit("There is no heatmap to export")
            return
        place = export.folder(session.study.folder)
        steps = export.write_all(model.still, model.commands(), self._pictures, place)

        def go_on() -> None:
            try:
                next(steps)
            except StopIteration:
                session.said.emit(f"Heatmaps written: {place}")
            except (OSError, Failure) as error:
                session.failed.emit(f"{place} cannot be written: {cause(error)}.", "")
            else:
                QTimer.singleShot(BREATH, self, go_on)

        go_on()

    def _offer_runs(self) -> None:
        """All finished runs; those that are columns are ticked."""
        model = self._model
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for run in reversed(model.offered):
            action = menu.addAction(run)
            action.setCheckable(True)
            action.setChecked(run in model.columns)
            action.setEnabled(action.isChecked() or len(model.columns) < MOST)
            action.toggled.connect(partial(model.choose, run))
        list_damaged(menu, model.session)
        menu.popup(self.runs.mapToGlobal(self.runs.rect().bottomLeft()))
