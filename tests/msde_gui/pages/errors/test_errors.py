"""The Errors tab: its runs, its views, and what a click selects."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.domain import Condition
from engine.evaluation import error_analysis
from msde_gui.pages.errors.difference_map import diverging
from msde_gui.pages.errors.panel import ErrorsPanel
from msde_gui.pages.errors.view import ErrorsView
from msde_gui.pages.errors.views import VIEWS
from msde_gui.session.selection import Filter
from msde_gui.session.session import Session
from msde_gui.style import theme
from tests.msde_gui import making

METHODS = ("baseline", "contrastive", "ran")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    yield made
    made.close()


@pytest.fixture
def runs(session, tmp_path):
    """A finished run of each method."""
    made = [making.run_in(tmp_path / "S", seed=n, method=m) for n, m in enumerate(METHODS)]
    for run in made:
        making.train(run, session.dataset)
    session.runs._look(list_again=True)
    return made


@pytest.fixture
def view(qtbot, session, runs):
    made = ErrorsView(session)
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.show()
    return made


def row_of(table, row):
    return QPoint(60, table.rowViewportPosition(row) + 5)


def click(qtbot, table, row):
    qtbot.mouseClick(table.viewport(), LEFT, pos=row_of(table, row))


def wrong_in(run):
    found = run.predictions()
    return set(found.samples[found.predicted != found.expressions].tolist())


def test_that_the_newest_finished_run_of_each_method_is_chosen(view, session, runs, tmp_path):
    newer = making.run_in(tmp_path / "S", seed=9)
    making.train(newer, session.dataset)
    half = making.run_in(tmp_path / "S", seed=10, method="ran")
    making.predict(half, session.dataset, 0)
    session.runs._look(list_again=True)
    assert view.model.chosen == (runs[1].id, runs[2].id, newer.id)
    assert half.id in view.model.available


def test_that_the_users_choice_stays_when_another_run_ends(view, session, runs, tmp_path):
    view.model.choose([runs[0].id, runs[2].id])
    making.train(making.run_in(tmp_path / "S", seed=9), session.dataset)
    session.runs._look(list_again=True)
    assert view.model.chosen == (runs[0].id, runs[2].id)


def test_that_a_click_on_an_image_selects_its_list_and_focuses_it(view, session, runs, qtbot):
    click(qtbot, view.card.table, 2)
    listing = view.model.find_listing()
    assert session.focused == listing.ids[2][0]
    assert session.selection.ids == listing.ids_in(range(len(listing)))
    assert set(session.selection.ids) == wrong_in(runs[0])
    assert session.selection.run == runs[0].id
    assert session.selection.chips == ("confident mistakes", runs[0].id)


def test_that_the_most_confident_mistake_is_on_top(view):
    shares = view.model.find_listing().columns[4].values
    assert (np.diff(shares) <= 0).all()
    assert view.model.find_listing().text(0, 3).startswith("✗ ")


def test_that_arrows_move_and_enter_selects(view, session, qtbot):
    view.model.show("confusions")
    qtbot.keyClick(view.card.table, Qt.Key.Key_Down)
    qtbot.keyClick(view.card.table, Qt.Key.Key_Down)
    assert session.selection.ids == ()
    qtbot.keyClick(view.card.table, Qt.Key.Key_Return)
    assert session.selection.ids == view.model.find_listing().ids[1]


def test_that_wrong_by_all_and_only_by_one_are_told_apart(view, runs):
    one, two, three = map(wrong_in, runs)
    expected = {"all": one & two & three, "only-wrong": one - two - three}
    expected["only-right"] = (two & three) - one
    for name, ids in expected.items():
        view.model.show(name)
        listing = view.model.find_listing()
        assert set(listing.ids_in(range(len(listing)))) == ids, name
        assert listing.sentence.startswith(f"{len(ids):,} image"), name


def test_that_comparing_views_ask_for_a_second_run(view, runs):
    view.model.choose([runs[1].id])
    view.model.show("only-wrong")
    assert view.card.stack.currentWidget() is view.card.none
    assert "at least two" in view.card.none.text.text()


def test_that_the_filter_holds_in_every_view(view, session):
    session.narrow(Filter(expression=1, condition=1, subject="S0", fold=2))
    for name in VIEWS:
        view.model.show(name)
        listing = view.model.find_listing()
        for number in listing.ids_in(range(len(listing))):
            sample = session.sample(number)
            assert (sample.expression, sample.condition) == (1, 1), name
            assert "S0" in sample.subject
        fold = {
            int(k)
            for run in view.model.chosen
            for n, k in zip(*fold_columns(session, run), strict=True)
            if n in listing.ids_in(range(len(listing)))
        }
        assert fold <= {2} or len(view.model.chosen) > 1
    assert view.bar.expression == 1


def fold_columns(session, run):
    found = session.outcomes.of(run).predictions
    return found.samples.tolist(), found.folds.tolist()


def test_that_a_fold_is_each_runs_own(view, session, runs):
    view.model.choose([runs[0].id])
    session.narrow(Filter(fold=1))
    found = runs[0].predictions()
    here = found.samples[(found.folds == 1) & error_analysis.wrong(found)]
    listing = view.model.find_listing()
    assert set(listing.ids_in(range(len(listing)))) == set(here.tolist())


def test_that_pairs_stay_whole_under_a_filter_on_the_condition(view, session, runs):
    view.model.show("masked")
    whole = view.model.find_listing().ids[0]
    assert whole
    session.narrow(Filter(condition=Condition.MASKED))
    assert view.model.find_listing().ids[0] == whole
    assert all(session.sample(number).condition == Condition.MASKED for number in whole)


def test_that_a_column_sorts_and_a_third_click_restores_the_rank(view):
    view.model.show("subjects")
    table, header = view.card.table, view.card.table.horizontalHeader()
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    names = [view.model.find_listing().text(row, 0) for row in table.shown_rows]
    assert names == sorted(names)
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    assert table.shown_rows == list(range(len(view.model.find_listing())))


def test_that_a_sorted_row_selects_what_it_shows(view, session, qtbot):
    view.model.show("confusions")
    view.card.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    click(qtbot, view.card.table, 0)
    assert session.selection.ids == view.model.find_listing().ids[view.card.table.shown_rows[0]]
    assert len(session.selection.ids) == 1


def test_that_several_rows_are_selected_together(view, session):
    view.model.show("subjects")
    view.model.select([0, 2])
    listing = view.model.find_listing()
    assert session.selection.ids == (*listing.ids[0], *listing.ids[2])
    assert session.selection.chips[0] == "2 rows"


def test_that_a_cell_of_the_difference_leads_to_those_who_moved(view, session, runs, qtbot):
    view.model.show("difference")
    moved = error_analysis.difference(runs[0].predictions(), runs[1].predictions())
    cell = tuple(int(n) for n in np.unravel_index(moved.net.argmax(), (7, 7)))
    place = view.card.map.lattice().rect(*cell).center().toPoint()
    qtbot.mouseClick(view.card.map, LEFT, pos=place)
    assert set(session.selection.ids) == set(moved.entered(*cell).tolist())
    assert view.card.sides.checkedId() == 0
    view.card.sides.button(1).click()
    assert set(session.selection.ids) == set(moved.left(*cell).tolist())
    view.card.sides.button(2).click()
    assert len(session.selection.ids) == moved.came[cell] + moved.gone[cell]
    session.step(-2)
    assert view.model.cells == (cell,)
    assert view.card.sides.checkedId() == 0


def test_that_a_negative_cell_leads_to_those_who_left(view, session, runs):
    view.model.show("difference")
    moved = view.model.find_listing().moved
    cell = tuple(int(n) for n in np.unravel_index(moved.net.argmin(), (7, 7)))
    view.model.select_cells([cell])
    assert set(session.selection.ids) == set(moved.left(*cell).tolist())
    tip = view.card.map.tip(*cell)
    assert tip.endswith(f"({moved.came[cell]} moved in, {moved.gone[cell]} moved out)")


def test_that_choosing_the_same_run_twice_swaps_the_two(view, runs):
    view.model.show("difference")
    assert (view.model.looked, view.model.other) == (runs[0].id, runs[1].id)
    view.card.other.setCurrentText(runs[0].id)
    assert (view.model.looked, view.model.other) == (runs[1].id, runs[0].id)


def test_that_the_map_is_copied_with_net_changes(view):
    view.model.show("difference")
    view.card._copy(of_map=True)
    lines = QGuiApplication.clipboard().text().splitlines()
    values = np.array([line.split("\t")[1:] for line in lines[1:]], dtype=int)
    assert (values == view.model.find_listing().moved.net).all()


def test_that_ctrl_e_exports_the_view_that_has_the_keyboard(view, session, qtbot):
    view.model.show("subjects")
    view.card.table.setFocus()
    with qtbot.waitSignal(session.said):
        qtbot.keyClick(view.card.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (file,) = (session.study.folder / "exports").glob("errors-subjects-*.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("subject,wrong,of,error rate")
    assert len(lines) == 1 + len(view.model.find_listing())


def test_that_the_command_names_runs_and_fold(view, session, runs):
    view.model.show("difference")
    session.narrow(Filter(fold=1))
    view.card.copy_command()
    words = QGuiApplication.clipboard().text().split()
    assert words[:4] == ["msde", "errors", runs[0].id, runs[1].id]
    assert words[-2:] == ["--fold", "2"]


def test_that_the_pointer_is_shared_by_all_views(view, session, qtbot):
    heard = []
    session.hovered.connect(heard.append)
    qtbot.mouseMove(view.card.table.viewport(), row_of(view.card.table, 1))
    QApplication.processEvents()
    session.hover(view.model.find_listing().ids[1][0])
    assert view.card.table._rows.pointed == view.model.find_listing().ids[1][0]
    session.hover(None)
    assert view.card.table._rows.pointed is None
    assert heard[-1] is None


def test_that_a_study_without_runs_leads_to_the_experiments(session, qtbot):
    view = ErrorsView(session)
    qtbot.addWidget(view)
    assert view.stack.currentWidget() is view.empty
    with qtbot.waitSignal(session.asked_for_page) as asked:
        view.empty.buttons.itemAt(0).widget().click()
    assert asked.args == ["experiments"]


def test_that_a_discarded_run_leaves_no_trace(view, session, runs, monkeypatch):
    monkeypatch.setattr("engine.store.runs.send2trash.send2trash", refuse)
    view.model.show("all")
    session.runs.discard(runs[0].id)
    assert runs[0].id not in view.model.chosen
    assert {view.model.looked, view.model.other} == {runs[1].id, runs[2].id}
    assert "2 runs" in view.model.find_listing().sentence


def refuse(folder):
    raise OSError


def test_that_a_listing_is_worked_out_once(view, session, monkeypatch):
    view.model.show("subjects")
    first = view.model.find_listing()
    session.narrow(Filter(condition=0))
    assert view.model.find_listing() is not first
    session.narrow(Filter())
    assert view.model.find_listing() is first


def test_that_a_narrow_page_offers_the_views_in_a_line(view):
    view.resize(600, 700)
    assert view.beside.isHidden()
    assert not view.short.isHidden()
    view.short.setCurrentIndex(1)
    assert view.model.name == "confusions"


def test_that_grey_is_no_change_and_the_ends_are_the_themes():
    colours = theme.current()
    assert diverging(0).name() == colours.raised
    assert diverging(1).name() == colours.gain.lower()
    assert diverging(-1).name() == colours.loss.lower()


def test_that_the_page_has_both_tabs(session, runs, qtbot):
    panel = ErrorsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    panel.show_tab(1)
    assert panel.stack.currentWidget() is panel.embeddings
    titles = [command.title for command in panel.commands()]
    assert "Errors: hard subjects" in titles
    assert len(titles) == len(set(titles))


def test_that_m_looks_at_the_next_run_and_leaves_the_second_of_two_alone(view, runs, qtbot):
    first, second, third = (run.id for run in runs)
    view.activateWindow()
    view.card.table.setFocus()
    view.model.look(first, third)
    view.model.show("subjects")
    qtbot.keyClick(view.card.table, Qt.Key.Key_M)
    assert view.model.looked == second
    qtbot.keyClick(view.card.table, Qt.Key.Key_M)
    assert (view.model.looked, view.model.other) == (third, second)
    view.model.show("difference")
    qtbot.keyClick(view.card.table, Qt.Key.Key_M)
    assert (view.model.looked, view.model.other) == (first, second)
