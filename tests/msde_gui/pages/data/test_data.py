"""The Data page."""

import pytest
from PySide6.QtWidgets import QLabel

from engine.paper import dataset
from msde_gui.pages.data.panel import DataPanel
from msde_gui.session.selection import Filter
from msde_gui.session.session import Session


@pytest.fixture
def panel(qtbot, session):
    made = DataPanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.show()
    return made


def test_that_all_faces_are_counted_and_shown(panel):
    assert panel.browser.counter.text() == "56 of 56"
    assert panel.note.text() == "56 faces · 4 subjects · 28 pairs"
    assert len(panel.browser.gallery.ids) == 56


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (Filter(expression=1), 8),
        (Filter(condition=1), 28),
        (Filter(subject="ad"), 14),
        (Filter(expression=1, condition=0, subject="bo"), 1),
        (Filter(subject="nobody"), 0),
    ],
)
def test_that_a_filter_narrows_the_gallery(panel, session, chosen, count):
    session.narrow(chosen)
    assert len(panel.browser.gallery.ids) == count
    panel.browser.bar.clear.click()
    assert len(panel.browser.gallery.ids) == 56


def test_that_choosing_in_the_bar_narrows_the_session(panel, session):
    panel.browser.bar._expression.setCurrentIndex(3)
    panel.browser.bar._subject.setText("cid")
    assert session.filter == Filter(expression=2, subject="cid")


def test_that_the_folds_of_a_run_can_be_told_apart(panel, session, run):
    sizes = []
    for fold in range(2):
        session.narrow(Filter(fold=fold))
        sizes.append(len(panel.browser.gallery.ids))
    assert sum(sizes) == 56
    assert min(sizes) > 0


def test_that_a_click_brings_a_face_into_focus(panel, session, qtbot):
    gallery = panel.browser.gallery
    gallery.chosen.emit(int(gallery.ids[3]))
    assert session.focused == gallery.ids[3]


def test_that_files_left_out_are_listed_with_their_reason(panel):
    model = panel.sources._skipped.model()
    assert model.index(0, 0).data() == "bad.jpg"
    assert "contempt" in model.index(0, 1).data()


def test_that_without_a_study_the_page_says_what_to_do(qtbot):
    made = DataPanel(Session())
    qtbot.addWidget(made)
    assert made.stack.currentWidget() is made.empty
    assert made.empty.heading.text() == "No study is open"


def test_that_the_papers_counts_lie_beside_the_studys(panel):
    texts = [one.text() for one in panel.counts.findChildren(QLabel)]
    assert texts.count(dataset.NAME) == 2
    assert {"964", "996", "1,960", "265*"} <= set(texts)


def test_that_the_papers_parts_make_its_whole():
    assert sum(dataset.BY_CONDITION.values()) == dataset.VERIFIED
    assert sum(dataset.BY_EXPRESSION.values()) < dataset.VERIFIED
