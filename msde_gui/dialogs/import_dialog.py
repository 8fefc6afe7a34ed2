"""Import a folder of faces: choose, preview without writing, then import."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from msde_gui.dialogs.import_form import ImportForm
from msde_gui.dialogs.import_model import ImportModel
from msde_gui.dialogs.import_preview import WAITING, ImportPreview
from msde_gui.session.session import Session
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided, label

BUILT_IN = (
    ("Folders named after expressions", "folders"),
    ("A table of files and labels", "table"),
    ("The authors' own layout", "msde"),
)


class ImportAssistant(QDialog):
    """Not modal: the window stays usable while it reads."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import faces")
        self.setAcceptDrops(True)
        self._session = session
        self.model = ImportModel(session, self)
        self.form = ImportForm(self.model, list_formats(session))
        self.preview = ImportPreview()
        self.command = Elided("", "dim")
        self.copy = QPushButton("Copy command")
        self.bar = QProgressBar(textVisible=False)
        self.step = label("", "dim")
        self.cancel = QPushButton("Close")
        self.look = QPushButton("Preview")
        self.bring_in = QPushButton("Import")
        self._lay_out()
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.model.command))
        self.cancel.clicked.connect(self._cancel)
        self.look.clicked.connect(self.model.look)
        self.bring_in.clicked.connect(self.model.bring_in)
        self.model.changed.connect(self.refresh)
        self.model.imported.connect(self.accept)
        self.model.failed.connect(self._fail)
        self.refresh()

    def refresh(self) -> None:
        model = self.model
        self.form.refresh()
        self.preview.refresh()
        self._show_preview()
        self.command.setText(model.command if model.choice.folder else "")
        self.copy.setEnabled(bool(model.choice.folder))
        self.copy.setIcon(icon("mdi6.content-copy"))
        self.look.setEnabled(model.ready)
        self.bring_in.setEnabled(model.ready and bool(model.preview and model.preview["imported"]))
        self._make_primary(self.bring_in if model.preview else self.look)
        self.cancel.setText("Cancel" if model.job else "Close")
        self._show_progress()

    def _show_preview(self) -> None:
        if self.model.error:
            self.preview.say("This folder cannot be imported", self.model.error, self.model.details)
        elif self.model.preview:
            self.preview.show_answer(self.model.preview)
        elif self.model.job:
            self.preview.say("Reading the folder", "Every image is opened once to see it is whole.")
        else:
            self.preview.say(*WAITING)

    def _show_progress(self) -> None:
        step = self.model.progress
        self.bar.setVisible(self.model.job is not None)
        self.bar.setMaximum(step.total if step else 0)
        self.bar.setValue(step.done if step else 0)
        self.step.setText(f"{step.step} · {step.done:,} of {step.total:,}" if step else "")

    def _make_primary(self, chosen: QPushButton) -> None:
        for button in (self.look, self.bring_in):
            if button.property("primary") is not (button is chosen):
                button.setProperty("primary", button is chosen)
                button.style().polish(button)

    def _lay_out(self) -> None:
        self.resize(1040, 660)
        self.form.setFixedWidth(380)
        sides = QHBoxLayout()
        sides.setSpacing(12)
        sides.addWidget(self.form)
        sides.addWidget(self.preview, 1)
        shown = QHBoxLayout()
        shown.addWidget(self.command, 1)
        shown.addWidget(self.copy)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.step)
        buttons.addWidget(self.bar, 1)
        buttons.addStretch(1)
        for button in (self.cancel, self.look, self.bring_in):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        self.copy.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(12)
        column.addLayout(sides, 1)
        column.addLayout(shown)
        column.addLayout(buttons)

    def _cancel(self) -> None:
        if self.model.job:
            self.model.cancel()
        else:
            self.reject()

    def _fail(self, sentence: str, details: str) -> None:
        """Say it here, or in the window if this dialog was closed meanwhile."""
        if not self.isVisible():
            self._session.failed.emit(sentence, details)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if find_dropped_folder(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.model.choose(folder=find_dropped_folder(event.mimeData()))


def show(
    session: Session,
    window: QWidget,
    folder: Path | None = None,
    last: ImportAssistant | None = None,
) -> ImportAssistant:
    """The window's one assistant, in front: ``last`` while it is open or works, else a new one."""
    if last and not last.isVisible() and not last.model.job:
        last.setParent(None)
        last.deleteLater()
        last = None
    assistant = last or ImportAssistant(session, window)
    assistant.setWindowFlag(Qt.WindowType.Window)
    if folder:
        assistant.model.choose(folder=str(folder))
    assistant.show()
    assistant.raise_()
    return assistant


def find_dropped_folder(content: QMimeData) -> str:
    """The first folder of what is dragged over the window; empty if there is none."""
    paths = [url.toLocalFile() for url in content.urls() if url.isLocalFile()]
    return next((path for path in paths if Path(path).is_dir()), "")


def list_formats(session: Session) -> list[tuple[str, str]]:
    """Title and name of the layouts the engine told of; the built-in three until it has."""
    told = [(one.title, one.name) for one in session.catalogue.formats]
    return told or list(BUILT_IN)
