"""The Inspector."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QImage

from engine.domain import Condition, Expression
from msde_gui.pages.inspector.panel import InspectorPanel
from msde_gui.session.selection import Selection
from msde_gui.widgets.bars import Bars
from tests.msde_gui import making
from tests.msde_gui.explaining import Analyst


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
    assert not panel.answers.unjudged.isVisible()


def test_that_both_faces_of_a_pair_have_their_answers_below_them(panel, session, run):
    session.focus(1)
    (block,) = panel.answers.blocks
    outcome, partner = session.outcomes.of(run.id), panel.model.partner
    for condition, number in ((Condition.NON_MASKED, 1), (Condition.MASKED, partner.id)):
        shares = outcome.predictions.probabilities[outcome.row_of[number]]
        (answer,) = panel.model.answers
        assert answer.said[condition].values == pytest.approx(shares.tolist())
        assert f"{max(shares):.2f}" in block.sides[condition].answer.text()
        left = panel.faces[condition].geometry().left()
        assert abs(block.sides[condition].mapTo(panel, block.rect().topLeft()).x() - left) < 24


def test_that_a_face_without_a_pair_has_the_whole_width(panel, session, run, monkeypatch):
    monkeypatch.setattr(panel.model._faces, "partner", lambda number: None)
    session.focus(1)
    (block,) = panel.answers.blocks
    shown = [block.sides[condition].isVisibleTo(panel) for condition in Condition]
    assert shown == [True, False]


def test_that_the_label_is_shown_with_where_it_came_from(panel, session):
    session.focus(1)
    assert panel.labels.text() == "Label: surprise, as imported"


@pytest.fixture
def analyst(session):
    session.analyst.close()
    session.analyst.deleteLater()
    session.analyst = Analyst()
    return session.analyst


@pytest.fixture
def runs(session):
    made = [
        making.run_in(session.study.folder, folds=2, method=method)
        for method in ("baseline", "contrastive")
    ]
    for one in made:
        making.train(one, session.dataset, epochs=1)
    session.runs._look(list_again=True)
    return [one.id for one in made]


def test_that_heatmaps_are_asked_for_only_when_they_are_wanted_and_seen(
    panel, session, analyst, runs, qtbot
):
    session.focus(1)
    assert analyst.questions == []
    panel.hide()
    panel.heatmaps.setChecked(True)
    assert analyst.questions == []
    panel.show()
    partner = panel.model.partner.id
    assert analyst.asked == [(runs, [1, partner])]


def test_that_c_lays_the_heatmaps_of_both_faces_over_them(panel, session, analyst, runs, qtbot):
    session.focus(1)
    qtbot.keyClick(panel, Qt.Key.Key_C)
    analyst.answer_all()
    pictures = [side.picture for block in panel.answers.blocks for side in block.sides.values()]
    assert len(pictures) == 4
    assert all(picture.isVisibleTo(panel) for picture in pictures)
    assert not any(picture.pixmap().isNull() for picture in pictures)
    assert float(panel.bar.numbers[-1]) == panel.model.partner.id  # the higher of both peaks
    qtbot.keyClick(panel, Qt.Key.Key_C)
    assert not any(picture.isVisibleTo(panel) for picture in pictures)
    assert not panel.bar.isVisibleTo(panel)


def test_that_the_inspector_never_asks_for_random_weights(panel, session, analyst, runs):
    panel.model.looks.ask(variant="layercam", randomised=True)
    panel.heatmaps.setChecked(True)
    session.focus(1)
    asked = analyst.questions[-1].request.asked
    assert (asked.variant, asked.randomised) == ("layercam", False)


def test_that_a_missing_file_is_said_and_the_thumbnail_shown(panel, session):
    session.sample(1).file.unlink()
    session.focus(1)
    assert "missing" in panel.missing.text()
    image, _ = panel.model.picture(session.sample(1))
    assert not image.isNull()


@pytest.mark.parametrize("room", [18, 20, 25, 40])
def test_that_no_name_under_the_bars_runs_into_the_next(qtbot, room):
    bars = Bars([expression.title for expression in Expression])
    qtbot.addWidget(bars)
    bars.show_values([1 / 7] * 7, 2)
    font = bars.font()
    font.setPixelSize(10)
    metrics = QFontMetricsF(font)
    written = bars._written(metrics, room)
    assert max(map(metrics.horizontalAdvance, written)) <= room
    assert len(set(written)) == 7
    assert written[2].endswith("*")


def test_that_a_changed_file_is_said_and_the_imported_face_shown(panel, session):
    file = session.sample(1).file
    file.write_bytes(session.sample(2).file.read_bytes())
    session.focus(1)
    assert "has changed since its import" in panel.missing.text()
    image, _ = panel.model.picture(session.sample(1))
    assert image == QImage.fromData(session.study.thumbnails.jpeg(session.sample(1).sha256))
