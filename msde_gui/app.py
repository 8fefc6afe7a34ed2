"""Start the window: theme, errors, the study that was open last."""

import argparse
import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.system import logs
from msde_gui.session import preferences, sample_study
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.window.display import display
from msde_gui.window.main_window import MainWindow

log = logging.getLogger(__name__)
NO_DISPLAY = (
    "MSD-E Studio found no display to open its window on: set DISPLAY, "
    "or run `make demo` for the same work without a window."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; the exit code is 0 unless there is no display."""
    arguments = _parser().parse_args(argv)
    if not display():
        sys.stderr.write(NO_DISPLAY + "\n")
        return 1
    logs.write_to_file()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("MSD-E Studio")
    theme.apply(app, theme.THEMES.get(preferences.text("theme"), theme.DARK))
    app.setWindowIcon(icon("mdi6.face-mask", theme.current().accent))
    session = Session()
    catch(session)
    window = MainWindow(session)
    open_first(session, arguments.study)
    window.show()
    QTimer.singleShot(0, session, session.learn)
    return app.exec()


def open_first(session: Session, study: Path | None) -> None:
    """The study that was asked for, else the last one; the sample if there never was one."""
    last = preferences.recent()[:1]
    for folder in [study] if study else last:
        session.open(folder)
    if not study and preferences.first_start() and sample_study.is_offered():
        sample_study.open_copy(session)


def catch(session: Session) -> None:
    """Show whatever goes wrong in a slot where all errors are shown; the window lives on."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        log.error("Uncaught in a slot", exc_info=(kind, error, trace))
        session.failed.emit(
            f"Something went wrong in the window: {error or kind.__name__}", details
        )

    sys.excepthook = show


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="MSD-E Studio: expressions under face masks.")
    parser.add_argument("study", nargs="?", type=Path, help="the folder of a study to open")
    return parser
