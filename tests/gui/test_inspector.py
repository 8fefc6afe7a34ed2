"""The Inspector."""

import pytest
from PySide6.QtCore import Qt

from engine.domain import Condition
from msde_gui.panels.inspector import InspectorPanel
from msde_gui.selection import Selection


@pytest.fixture
def panel(qtbot, session):
    made = InspectorPanel(session)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    return made


def test_that_a_face_is_shown_with_its_pair(panel, session):
    session.focus(1)
    assert panel.windowTitle() == "Ada · surprise"
    assert panel.facts.text() == "non-masked · random"
    assert all(face.isVisible() for face in panel.faces.values())


def test_that_space_goes_to_the_other_of_the_pair_and_back(panel, session, qtbot):
    session.focus(1)
    qtbot.keyClick(panel, Qt.Key.Key_Space)
    assert session.sample(session.focused).condition is Condition.MASKED
    qtbot.keyClick(panel, Qt.Key.Key_Space)
    assert session.focused == 1


def test_that_arrow_keys_step_through_the_selection_and_stop_at_its_ends(panel, session, qtbot):
    session.select(Selection((5, 9, 7), ("three",)))
    session.focus(5)
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(panel, key)
        seen.append(session.focused)
    assert seen == [9, 7, 7, 9]


def test_that_each_runs_answer_is_shown(panel, session, run):
    session.focus(1)
    (said,) = panel.model.said
    assert said.title == run.id
    assert sum(said.values) == pytest.approx(1, abs=1e-5)
    assert said.truth == session.sample(1).expression
    assert "fold" in panel.facts.text()
    assert not panel.unjudged.isVisible()


def test_that_a_missing_file_is_said_and_the_thumbnail_shown(panel, session):
    session.sample(1).file.unlink()
    session.focus(1)
    assert "missing" in panel.missing.text()
    image, _ = panel.model.picture(session.sample(1))
    assert not image.isNull()
