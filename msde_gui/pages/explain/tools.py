"""What one does with all heatmaps at once: choose the runs, copy the commands, export."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from msde_gui.dialogs.damaged_runs import list_damaged
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.session.export import draw, place
from msde_gui.session.jobs import command_line
from msde_gui.session.run_choice import MOST
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided


class ExplainTools(QWidget):
    """Stands in the head of the page, beside what the heatmaps are of."""

    def __init__(self, model: ExplainModel) -> None:
        super().__init__()
        self._model = model
        self.note = Elided("", "dim")
        self.runs = QPushButton()
        self.copy = QPushButton("Copy command")
        self.export = QPushButton("Export")
        self.runs.clicked.connect(self._offer_runs)
        self.copy.clicked.connect(self.copy_command)
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

    def copy_command(self) -> None:
        text = command_line([*self._model.words(), *_files(Path("heatmaps"))])
        QGuiApplication.clipboard().setText(text)
        self._model.session.said.emit("Command copied")

    def save(self) -> None:
        """All that is shown, in a folder of its own."""
        model, session = self._model, self._model.session
        if not session.study or not model.filled:
            session.said.emit("There is no heatmap to export")
        elif folder := place(session, "heatmaps"):
            draw(session, "Export the heatmaps", [*model.words(), *_files(folder)], folder)

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


def _files(folder: Path) -> list[str]:
    """Options: what is written there."""
    sheets = [str(folder / f"heatmaps.{kind}") for kind in ("svg", "png")]
    return ["--out", str(folder), *(word for sheet in sheets for word in ("--figure", sheet))]
