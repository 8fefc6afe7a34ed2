"""The contract of every view: what it counts is what the Gallery shows and what is exported."""

import csv
import io
import shutil
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.domain import Condition
from engine.store.study import Study
from msde_gui.pages.errors.panel import ErrorsPanel
from msde_gui.pages.errors.views import VIEWS
from msde_gui.pages.gallery.panel import GalleryPanel
from msde_gui.pages.results.panel import ResultsPanel
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session
from tests.msde_gui import making

SUBJECTS = 144  # with 14 images each: 2,016
LIMIT = 100  # ms from a click to the Gallery
SLACK = 2  # for slow machines; what others do on this one is not counted
COUNTED = {"subjects": "Wrong"}  # the column that counts the images of a row


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """As many images as the sample study has, and three finished runs."""
    folder = making.study_in(tmp_path_factory.mktemp("contract") / "S", SUBJECTS)
    with Study(folder) as opened:
        dataset = opened.dataset()
    for seed, method in enumerate(("baseline", "contrastive", "ran")):
        run = making.run_in(folder, seed=seed, method=method)
        making.train(run, dataset, epochs=1)
    return folder


@pytest.fixture
def session(qtbot, study):
    shutil.rmtree(study / "exports", ignore_errors=True)
    made = Session()
    assert made.open(study)
    yield made
    made.close()


@pytest.fixture
def page(session, qtbot):
    """The Gallery beside the pages that show ids."""
    made = SimpleNamespace(
        session=session,
        gallery=GalleryPanel(session),
        results=ResultsPanel(session),
        errors=ErrorsPanel(session),
    )
    for widget in (made.gallery, made.results, made.errors):
        qtbot.addWidget(widget)
        widget.resize(1000, 860)
        widget.show()
    return made


def matrix_cell(page):
    """A cell of the Results matrix; answers with its count."""
    matrix = page.results.matrices[Condition.MASKED]
    place = matrix.lattice().rect(1, 4).center().toPoint()
    return click(matrix, place), int(matrix._counts[1, 4])


def difference_cell(page):
    """The cell that gains most from one run to the other; answers with who moved in."""
    view = page.errors.errors
    view.model.show("difference")
    net = view.model.find_listing().moved.net
    cell = tuple(int(n) for n in np.unravel_index(net.argmax(), net.shape))
    place = view.card.map.lattice().rect(*cell).center().toPoint()
    return click(view.card.map, place), int(view.model.find_listing().moved.came[cell])


def error_row(name):
    """The second row of an error view; answers with the images it counts."""

    def act(page):
        view = page.errors.errors
        view.model.show(name)
        table, listing = view.card.table, view.model.find_listing()
        place = table.visualRect(table.model().index(1, 1)).center()
        row = table.shown_rows[1]
        rows = range(len(listing)) if listing.of_images else [row]
        if not listing.of_images:
            counted = [column.heading for column in listing.columns].index(
                COUNTED.get(name, "Images")
            )
            assert listing.text(row, counted) == f"{len(listing.ids[row]):,}"
        return click(table.viewport(), place), len(listing.ids_in(rows))

    return act


# One line a view that shows ids: a function that clicks in it and answers (seconds, count).
ACTS = {
    "results matrix": matrix_cell,
    "difference map": difference_cell,
    **{f"errors: {name}": error_row(name) for name in VIEWS},
}


def click(widget, place):
    """Click and let everybody paint; the seconds that the window's thread computed."""
    began = time.thread_time()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    return time.thread_time() - began


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_that_what_a_view_counts_is_what_the_gallery_shows_and_exports(page, act):
    _, count = act(page)
    assert count > 0
    assert len(page.session.selection.ids) == count
    assert page.gallery.gallery.ids.tolist() == list(page.session.selection.ids)
    page.gallery.model.export()
    (file,) = (page.session.study.folder / "exports").glob("faces-*.txt")
    assert len(file.read_text(encoding="utf-8").splitlines()) == count


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_that_a_selection_comes_back_as_it_was(page, act):
    act(page)
    made, ids = page.session.selection, page.gallery.gallery.ids.tolist()
    page.session.select(Selection((1, 2), ("other",)))
    assert page.gallery.gallery.ids.tolist() == [1, 2]
    page.session.step(-1)
    assert page.session.selection == made
    assert page.gallery.gallery.ids.tolist() == ids


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_that_the_gallery_answers_a_click_at_once(page, act):
    act(page)  # the first one decodes and lays out
    page.session.select(Selection())
    seconds, _ = act(page)
    assert 1000 * seconds < SLACK * LIMIT


@pytest.mark.parametrize("name", VIEWS)
def test_that_the_rows_of_an_exported_view_hold_its_images(page, name):
    view = page.errors.errors
    view.model.show(name)
    listing, rows = view.model.find_listing(), view.card.table.shown_rows
    written = list(csv.reader(io.StringIO(listing.as_text(rows, ","))))[1:]
    ids = [tuple(map(int, line[-1].split())) for line in written]
    assert ids == [listing.ids[row] for row in rows]
    if listing.of_images:
        view.model.select([0])
        assert len(written) == len(page.gallery.gallery.ids)
