"""The main window as a whole."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from engine.store import trust
from engine.system import logs
from msde_gui import app
from msde_gui.dialogs import close_dialog
from msde_gui.dialogs.import_dialog import ImportAssistant
from msde_gui.pages.experiments.panel import ExperimentsPanel
from msde_gui.session import preferences
from msde_gui.style import theme
from msde_gui.window.main_window import MainWindow
from tests.engine.making import faces, study

HEAVY = ("torch", "torchvision", "sklearn", "umap", "numba", "cv2")
START = f"""
import sys
from PySide6.QtWidgets import QApplication
import msde_gui.app
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
application = QApplication([])
window = MainWindow(Session())
window.show()
application.processEvents()
print([name for name in {HEAVY!r} if name in sys.modules])
"""
FIRST = """
import sys
from PySide6.QtWidgets import QApplication
from msde_gui.style import theme
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
application = QApplication([])
theme.apply(application, theme.DARK)
window = MainWindow(Session())
print([name for name in ("pyqtgraph", "cmap") if name in sys.modules])
"""


@pytest.fixture
def window(qtbot, session):
    made = MainWindow(session)
    made.ask = lambda parent, runs: close_dialog.CloseAnswer.STOP
    qtbot.addWidget(made)
    made.show()
    return made


def python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_that_the_windows_process_imports_nothing_heavy(tmp_path):
    answer = python("-c", START, XDG_CONFIG_HOME=str(tmp_path))
    assert answer.stdout.strip() == "[]", answer.stderr


def test_that_the_first_page_waits_for_no_plot(tmp_path):
    answer = python("-c", FIRST, XDG_CONFIG_HOME=str(tmp_path))
    assert answer.stdout.strip() == "[]", answer.stderr


def test_that_the_other_pages_follow_the_first_painting(qtbot, session):
    made = MainWindow(session)
    qtbot.addWidget(made)
    assert made.stack.count() == 1
    made.show()
    qtbot.waitUntil(lambda: made.stack.count() == len(made.rail.titles))
    assert [page.title for page in made.pages] == made.rail.titles


def test_that_a_page_asked_for_is_there_at_once(qtbot, session):
    made = MainWindow(session)
    qtbot.addWidget(made)
    session.asked_for_page.emit("experiments")
    assert type(made.stack.currentWidget()) is ExperimentsPanel
    keys = {action.shortcut().toString() for action in made.actions()}
    assert "Ctrl+Return" in keys


def test_that_without_a_display_one_sentence_names_make_demo(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert app.main([]) == 1
    said = capsys.readouterr().err.strip()
    assert "make demo" in said
    assert "\n" not in said


def test_that_whether_there_is_a_display_can_be_asked_from_a_script():
    assert python("-m", "msde_gui.window.display").returncode == 0
    nothing = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    assert python("-m", "msde_gui.window.display", **nothing).returncode == sys.platform.startswith(
        "linux"
    )


def test_that_every_panel_is_a_page_or_a_dock(window):
    assert "Data" in [page.title for page in window.pages]
    assert [dock.panel.title for dock in window.docks] == ["Inspector", "Gallery"]


def test_that_no_two_commands_share_a_key(window):
    keys = [command.keys for command in window.commands() if command.keys]
    assert len(set(keys)) == len(keys)


def test_that_the_palette_runs_what_is_typed(window, qtbot):
    before = theme.current()
    window._open_palette()
    qtbot.keyClicks(window.palette_box.field, "dark theme")
    qtbot.keyClick(window.palette_box.field, Qt.Key.Key_Return)
    assert theme.current() is not before
    assert preferences.text("theme") == theme.current().name
    window.toggle_theme()


def test_that_an_error_is_shown_until_it_is_dismissed(window, qtbot):
    window.session.failed.emit("The file x is damaged: restore it.", "line 1")
    assert window.notice.isVisible()
    window.notice.collect_log = lambda: "12:00 INFO opened"
    window.notice.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied == "The file x is damaged: restore it.\n\nline 1\n\n12:00 INFO opened"
    window.notice.dismiss.click()
    assert not window.notice.isVisible()


def test_that_the_log_folder_opens_from_an_error_that_nobody_can_mend(window, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.session.failed.emit("Something went wrong.", "Traceback …")
    window.notice.log_folder.click()
    assert opened == [str(logs.folder())]
    window.session.failed.emit("The file x is damaged: restore it.", "")
    assert not window.notice.log_folder.isVisible()


def test_that_an_exception_in_a_slot_is_shown_and_kills_nothing(
    window, monkeypatch, capsys, surprises
):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    app.catch(window.session)
    sys.excepthook(ValueError, ValueError("odd"), None)
    assert "odd" in window.notice.text.text()
    assert "ValueError" in capsys.readouterr().err
    assert [record.exc_info[0] for record in surprises] == [ValueError]
    surprises.clear()


def test_that_a_study_that_is_opened_is_remembered(window, session):
    session.study_changed.emit()
    assert preferences.recent() == [session.study.folder]


def test_that_the_last_study_opens_again(session, qapp):
    preferences.remember_study(session.study.folder)
    app.open_first(session, None)
    assert len(session.dataset) == 56


def test_that_back_and_forward_have_keys(window):
    keys = {command.keys for command in window.commands()}
    assert {"Alt+Left", "Alt+Right", "Ctrl+K", "Ctrl+Shift+D", "F1", "Ctrl+E"} <= keys


def test_that_closing_while_a_run_works_can_be_called_off(window, monkeypatch):
    monkeypatch.setattr(type(window.session.runs), "working", [object()])
    window.ask = lambda parent, runs: close_dialog.CloseAnswer.CANCEL
    assert not window.close()
    window.ask = lambda parent, runs: close_dialog.CloseAnswer.KEEP_RUNNING
    assert window.close()


def test_that_a_folder_dropped_on_the_window_opens_the_assistant(window, tmp_path):
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(tmp_path))])

    class Drop:
        def mimeData(self):
            return content

    window.dropEvent(Drop())
    assistant = window.findChild(ImportAssistant)
    assert assistant.model.choice.folder == str(tmp_path)


def test_that_all_keys_are_on_one_sheet(window):
    window._show_keys()


def test_that_a_strangers_study_opens_once_the_user_trusts_it(window, tmp_path, monkeypatch):
    images = faces(tmp_path / "faces", subjects=1)
    study(tmp_path / "S", images).close()
    monkeypatch.setattr(trust, "_here", set())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    before, asked = window.session.study, []
    window.ask_to_trust = lambda _, found: asked.append(found.folders)
    window.session.open(tmp_path / "S")
    assert window.session.study is before
    window.ask_to_trust = lambda _, found: True
    window.session.open(tmp_path / "S")
    assert asked == [(str(tmp_path / "faces"),)]
    assert len(window.session.dataset) == 14
