"""Open, make and reopen studies, from wherever in the window it was asked for."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from msde_gui.session import preferences, sample_study
from msde_gui.session.session import Session
from msde_gui.widgets.labels import caption, plain


def choose(session: Session, parent: QWidget) -> None:
    """Let the user pick the folder of a study."""
    start = str(session.study.folder.parent if session.study else Path.home())
    folder = QFileDialog.getExistingDirectory(parent, "Open a study", start)
    if folder:
        session.open(Path(folder))


def make(session: Session, parent: QWidget) -> None:
    """Let the user name the folder of a new study."""
    start = str(Path.home() / "study")
    folder, _ = QFileDialog.getSaveFileName(parent, "Make a new study", start)
    if folder:
        session.open(Path(folder), create=True)


def fill(menu: QMenu, session: Session, parent: QWidget) -> None:
    """Open, New, the sample and the recent ones."""
    menu.clear()
    menu.addAction("Open…", lambda: choose(session, parent))
    menu.addAction("New…", lambda: make(session, parent))
    if sample_study.is_offered():
        menu.addAction(sample_study.TITLE, lambda: sample_study.open_copy(session))
    named = (session.study.folder if session.study else None, sample_study.place())
    others = [folder for folder in preferences.recent() if folder not in named]
    if others:
        menu.addSeparator()
    for folder in others:
        action = menu.addAction(caption(folder.name))
        action.triggered.connect(lambda _=False, folder=folder: session.open(folder))
        action.setToolTip(plain(str(folder)))
    menu.setToolTipsVisible(True)
