"""From Results to a saved figure with the keyboard alone."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from msde_gui.session.jobs import Job
from msde_gui.widgets.matrix import Matrix
from msde_gui.window.main_window import MainWindow
from tests.msde_gui import making
from tests.msde_gui.explaining import Analyst

TABS = 60  # enough to come round the page


@pytest.fixture
def window(qtbot, session):
    run = making.run_in(session.study.folder, folds=2)
    making.train(run, session.dataset, epochs=1)
    session.runs._look(list_again=True)
    session.analyst.close()
    session.analyst.deleteLater()
    session.analyst = Analyst()
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)
    QApplication.processEvents()


def test_that_the_keyboard_alone_leads_from_a_cell_to_a_figure_of_its_faces(
    window, session, monkeypatch
):
    started = []
    monkeypatch.setattr(
        session, "start", lambda title, words: started.append(words) or Job(title, words, session)
    )
    control = Qt.KeyboardModifier.ControlModifier
    press(window, Qt.Key.Key_3, control)
    for _ in range(TABS):
        if isinstance(QApplication.focusWidget(), Matrix):
            break
        press(window, Qt.Key.Key_Tab)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        press(window, key)
    chosen = session.selection.ids
    assert chosen

    press(window, Qt.Key.Key_5, control)
    assert window.pages[4].isVisible()
    session.analyst.answer_all()
    press(window, Qt.Key.Key_E, control)
    (words,) = started
    asked = [words[place + 1] for place, word in enumerate(words) if word == "--sample"]
    assert asked == [str(number) for number in chosen]
    (figure, _) = [words[place + 1] for place, word in enumerate(words) if word == "--figure"]
    assert Path(figure).parent.parent == session.study.folder / "exports"
