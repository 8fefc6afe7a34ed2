"""The gallery widget and the dock around it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from msde_gui.pages.gallery.panel import GalleryPanel
from msde_gui.session.selection import Selection
from msde_gui.widgets.gallery import Gallery
from msde_gui.widgets.grid import TileGrid


@pytest.fixture
def gallery(qtbot):
    made = Gallery(lambda number: None, str)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show_ids(np.arange(1, 20_001))
    made.show()
    return made


@pytest.fixture
def panel(qtbot, session):
    made = GalleryPanel(session)
    qtbot.addWidget(made)
    made.resize(320, 400)
    made.show()
    return made


@pytest.mark.parametrize("width", [1, 90, 500, 1001])
@pytest.mark.parametrize("size", [64, 100, 256])
def test_that_every_square_is_found_at_its_own_corner(width, size):
    grid = TileGrid(width, size, 37)
    assert all(grid.at(*grid.corner(place)) == place for place in range(37))
    assert grid.columns * grid.step <= width + 8 or grid.columns == 1
    assert grid.at(-1, -1) is None
    assert grid.at(0, grid.height + 8) is None


def test_that_only_what_is_seen_is_asked_for(qtbot):
    asked = []
    made = Gallery(lambda number: asked.append(number), str)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show_ids(np.arange(20_000))
    made.show()
    qtbot.wait(50)
    assert 0 < len(asked) < 40


def test_that_a_click_says_which_face(gallery, qtbot):
    with qtbot.waitSignal(gallery.chosen) as said:
        qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert said.args == [1]


def test_that_arrow_keys_step_and_the_face_stays_in_sight(gallery, qtbot):
    gallery.chosen.connect(gallery.set_focused)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End):
        qtbot.keyClick(gallery, key)
    assert gallery._focused == 20_000
    assert gallery.verticalScrollBar().value() == gallery.verticalScrollBar().maximum()


def test_that_a_new_size_keeps_the_first_face_in_sight(gallery):
    gallery.set_focused(9_000)
    top = gallery.verticalScrollBar().value()
    first = gallery._grid().visible(top, 1).start
    gallery.set_size(200)
    after = gallery._grid().visible(gallery.verticalScrollBar().value(), 1)
    assert after.start <= first < after.stop + gallery._grid().columns


def test_that_the_dock_says_how_to_fill_it(panel):
    assert "confusion matrix" in panel.empty.text.text()


def test_that_a_selection_is_shown_with_its_breadcrumb(panel, session):
    ids = tuple(session.dataset.ids[:5].tolist())
    session.select(Selection(ids, ("masked", "fear → surprise")))
    assert panel.gallery.ids.tolist() == list(ids)
    assert panel.count.text() == "5 faces"
    session.step(-1)
    assert len(panel.gallery.ids) == 0


def test_that_faces_are_sorted_by_what_the_run_said(panel, session, run):
    ids = tuple(session.dataset.ids.tolist())
    session.select(Selection(ids, ("all",), run.id))
    predictions = run.predictions()
    panel.model.sort("confident")
    best = predictions.samples[predictions.probabilities.max(axis=1).argmax()]
    assert panel.gallery.ids[0] == best
    panel.model.sort("loss")
    true = predictions.probabilities[np.arange(56), predictions.expressions]
    assert panel.gallery.ids[0] == predictions.samples[true.argmin()]
    wrong = predictions.samples[predictions.predicted != predictions.expressions]
    assert panel.model.wrong == frozenset(wrong.tolist())


def test_that_the_list_of_files_is_exported_into_the_study(panel, session, qtbot):
    session.select(Selection(tuple(session.dataset.ids[:3].tolist()), ("three",)))
    with qtbot.waitSignal(session.said):
        panel.model.export()
    (file,) = (session.study.folder / "exports").iterdir()
    assert file.read_text(encoding="utf-8").splitlines() == panel.model.files()
