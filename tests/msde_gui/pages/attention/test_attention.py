"""The Attention tab: what it asks, what it shows of an answer, and what a click selects."""

import csv
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from engine.attention.answer import AttentionAnswer, AttentionFound
from engine.cli import main
from engine.domain import Condition, Expression, Region
from engine.events import Progressed
from msde_gui.pages.attention.differences import HEADINGS
from msde_gui.pages.attention.request import AttentionChoice
from msde_gui.pages.attention.view import LOOK, NOT_YET, WAIT, AttentionView
from msde_gui.pages.explain.panel import ExplainPanel
from msde_gui.plots.boxes import Boxes
from msde_gui.plots.quartiles import Series
from msde_gui.session.jobs import Job
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session
from tests.engine.explanation import making as explaining
from tests.engine.faces import making as faces
from tests.msde_gui import making
from tests.msde_gui.asking import Oracle, Question

LEFT = Qt.MouseButton.LeftButton
METHODS = ("baseline", "contrastive", "baseline")
LAYERS = ("trunk.layer3", "trunk.layer4")
SIZE = 8


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "Tëst データ"))
    made.analyst.close()
    made.analyst.deleteLater()
    made.analyst = Oracle("attention")
    yield made
    made.close()


@pytest.fixture
def runs(session):
    folder = session.study.folder
    made = [making.run_in(folder, seed=n, method=m) for n, m in enumerate(METHODS)]
    for run in made:
        making.train(run, session.dataset, epochs=1)
    session.runs._look(list_again=True)
    return [run.id for run in made]


@pytest.fixture
def view(qtbot, session, runs):
    made = AttentionView(session)
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.show()
    return made


@pytest.fixture
def answered(view, session):
    """A view that shows something."""
    answer(session)
    return view


def answer(session):
    """The last question gets made-up shares."""
    question = session.analyst.asked[-1]
    question.succeeded.emit(found(session, question.request.runs))
    question.ended.emit()


def shares_of(run, n):
    random = np.random.default_rng(int(run[:3]))
    values = random.random((n, len(Region)))
    return values / values.sum(axis=1, keepdims=True)


def found(session, runs):
    """What the engine answers."""
    samples = session.dataset.samples
    n = len(samples)
    areas = np.full((n, len(Region)), 1 / len(Region))
    masked = np.array([sample.condition is Condition.MASKED for sample in samples])
    areas[masked, Region.MOUTH] = areas[~masked, Region.MASK] = 0
    cells = tuple((e, c) for e in Expression for c in Condition)
    random = np.random.default_rng(0)
    shares = {run: shares_of(run, n) for run in runs}
    test = {
        "first": runs[-1], "second": runs[0], "of": ["mask"], "condition": "m", "subjects": 12,
        "median": 0.031, "interval": (0.01, 0.05), "p": 0.01, "corrected": 0.04, "effect": 0.5,
    }  # fmt: skip
    other = test | {"of": ["eyes"], "median": -0.02, "corrected": 0.9, "effect": -0.1}
    about = {"grid": [2, 2], "layer": "trunk.layer4"}
    sanity = {"correlation": 0.13, "images": 200}
    document = {
        "exact": n,
        "runs": {run: about | {"sanity": sanity} for run in runs},
        "tests": [test, other],
        "claims": [test | {"sentence": "CL looks at the mask: so it is.", "agrees": True}],
        "skipped": [{"file": "blind.png", "reason": "No face was found."}],
        "empty": [],
    }
    found = AttentionFound(
        document=document,
        samples=session.dataset.ids,
        areas=areas,
        shares=shares,
        targets={run: np.zeros(n, dtype=np.int64) for run in runs},
        cells=cells,
        counts=(12,) * len(cells),
        faces=np.full((len(cells), SIZE, SIZE, 3), 128, dtype=np.uint8),
        means={run: random.random((len(cells), SIZE, SIZE)).astype(np.float32) for run in runs},
    )
    return AttentionAnswer(LAYERS, found)


def box_of(view, series, region):
    return next(one for one in view.plot.boxes.boxes if (one.series, one.group) == (series, region))


def test_that_it_asks_only_once_it_is_seen_and_then_for_what_is_kept(qtbot, session, runs):
    view = AttentionView(session)
    qtbot.addWidget(view)
    assert session.analyst.asked == []
    view.show()
    (question,) = session.analyst.asked
    assert question.request.kept
    assert question.request.runs == (runs[1], runs[2])
    assert view.empty.heading.text() == LOOK[0]


def test_that_what_is_asked_is_what_the_engine_takes(view, session):
    view.model.choose(condition="m", expression="sad", layer="trunk.layer3", sanity=False)
    request = session.analyst.asked[-1].request
    assert (request.condition, request.expression, request.kept) == ("m", "sad", True)
    assert request.asked.layer == "trunk.layer3"


def test_that_what_is_not_kept_waits_for_compute(view, session, qtbot):
    answer_nothing(session)
    assert view.empty.heading.text() == NOT_YET[0]
    assert [view.options.layer.itemData(n) for n in range(3)] == ["", *LAYERS]
    qtbot.mouseClick(view.measure, LEFT)
    assert not session.analyst.asked[-1].request.kept
    assert view.empty.heading.text() == WAIT[0]


def answer_nothing(session):
    question = session.analyst.asked[-1]
    question.succeeded.emit(AttentionAnswer(LAYERS))
    question.ended.emit()


def test_that_progress_is_determinate_and_cancel_stops_it(view, session, qtbot):
    answer_nothing(session)
    view.model.compute()
    question = session.analyst.asked[-1]
    question.reported.emit(Progressed("Heatmaps, 001", 250, 1000))
    assert (view.bar.value(), view.bar.maximum()) == (250, 1000)
    assert view.note.text() == "Heatmaps, 001"
    view.model._begun -= 30
    question.reported.emit(Progressed("Heatmaps, 001", 500, 1000))
    assert view.note.text() == "Heatmaps, 001 · about 30 s left"
    assert view.options.compute.text() == "Cancel"
    qtbot.mouseClick(view.options.compute, LEFT)
    assert question.cancelled
    assert view.bar.isHidden()
    question.ended.emit()
    assert view.empty.heading.text() == NOT_YET[0]


def test_that_a_late_answer_to_another_choice_is_not_shown(view, session):
    old = session.analyst.asked[-1]
    view.model.choose(condition="m")
    old.succeeded.emit(found(session, old.request.runs))
    assert view.model.found is None
    assert not old.cancelled  # the process may still be starting


def test_that_a_failure_is_said_once(view, session, qtbot):
    view.model.compute()
    with qtbot.waitSignal(session.failed) as said:
        session.analyst.asked[-1].failed.emit("There is no layer “x”.", "")
    assert said.args[0] == "There is no layer “x”."


def test_that_boxes_are_the_quartiles_of_the_faces_that_have_the_region(answered, session, runs):
    masked = session.dataset.conditions == Condition.MASKED
    box = box_of(answered, 0, Region.MASK)
    values = 100 * shares_of(runs[1], len(masked))[masked, Region.MASK]
    assert box.n == masked.sum()
    assert box.ends == pytest.approx(np.percentile(values, (5, 25, 50, 75, 95)))
    assert len(answered.plot.boxes.boxes) == 2 * len(Region)


def test_that_density_is_energy_over_area(answered, runs):
    answered.plot.kinds.button(1).click()
    box = box_of(answered, 1, Region.EYES)
    n = len(answered.model.found.samples)
    expected = np.median(shares_of(runs[2], n)[:, Region.EYES] * len(Region))
    assert box.ends[2] == pytest.approx(expected)


def test_that_a_click_on_a_box_selects_its_middle_half(answered, session, qtbot, runs):
    box = box_of(answered, 0, Region.EYES)
    boxes = answered.plot.boxes
    place = boxes.pixel(box.x, box.ends[2]).toPoint()
    qtbot.mouseClick(boxes.plot.viewport(), LEFT, pos=place)
    values = 100 * shares_of(runs[1], len(session.dataset))[:, Region.EYES]
    inside = (values >= box.ends[1]) & (values <= box.ends[3])
    assert set(session.selection.ids) == set(session.dataset.ids[inside].tolist())
    assert session.selection.chips == ("eyes share, middle half", runs[1])
    ranked = values[[session.dataset.row_of[number] for number in session.selection.ids]]
    assert (np.diff(ranked) <= 0).all()


def test_that_a_click_on_a_dot_selects_all_beyond_its_whisker(answered, session, qtbot, runs):
    box, boxes = box_of(answered, 1, Region.NOSE), answered.plot.boxes
    x, y = boxes.dots(box)
    highest = int(y.argmax())
    place = boxes.pixel(x[highest], y[highest]).toPoint()
    qtbot.mouseClick(boxes.plot.viewport(), LEFT, pos=place)
    values = 100 * shares_of(runs[2], len(session.dataset))[:, Region.NOSE]
    above = session.dataset.ids[values > box.ends[-1]].tolist()
    assert set(session.selection.ids) == set(above)
    assert session.selection.chips == ("nose share, highest 5 %", runs[2])
    assert session.focused in above
    assert session.selection.ids[0] == session.dataset.ids[values.argmax()]


def test_that_a_click_beside_every_box_selects_nothing(answered, session, qtbot):
    boxes = answered.plot.boxes
    place = boxes.pixel(0.5, 1).toPoint()
    qtbot.mouseClick(boxes.plot.viewport(), LEFT, pos=place)
    assert session.selection.ids == ()


def test_that_a_click_on_an_average_face_selects_its_faces(answered, session, qtbot, runs):
    strip = answered.faces.strip
    room = strip.picture.room(1, int(Expression.HAPPY), strip.width())
    qtbot.mouseClick(strip, LEFT, pos=QPoint(round(room.center().x()), round(room.center().y())))
    dataset = session.dataset
    expected = (dataset.expressions == Expression.HAPPY) & (dataset.conditions == Condition.MASKED)
    assert session.selection.ids == tuple(dataset.ids[expected].tolist())
    assert session.selection.chips == ("masked", "happy", "average face", runs[2])


def test_that_a_claim_stands_in_one_line_with_layer_and_cells(answered):
    words = answered.words
    assert words.claims.text() == (
        "CL looks at the mask: so it is. Both by maps of 2×2 cells (trunk.layer4)."
    )
    assert "2 × 2 cells mostly give back the regions' areas" in words.warning.text()
    assert "Spearman +0.13 with those of random weights" in words.sanity.text()
    assert words.skipped.button.text() == "1 left out"
    assert words.listed.text() == "blind.png: No face was found."


def test_that_the_tests_are_sorted_by_their_numbers_and_copied(answered):
    table = answered.tests.table
    table.sortByColumn(6, Qt.SortOrder.DescendingOrder)
    assert [test["corrected"] for test in table.rows.order] == [0.9, 0.04]
    table.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == list(HEADINGS)
    assert lines[2].split("\t")[0] == "mask"
    assert lines[2].split("\t")[4:] == ["+3.10", "+1.00 to +5.00", "0.040", "+0.50"]


def test_that_shares_are_exported_row_by_row(answered, session, runs):
    answered.exports.save_shares()
    answered.exports.save_tests()
    (file,) = (session.study.folder / "exports").glob("attention-shares-*.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    n = len(session.dataset)
    assert len(rows) == 2 * n
    found = [[float(row[region.title]) for region in Region] for row in rows[:n]]
    assert np.array(found) == pytest.approx(shares_of(runs[1], n))
    (file,) = (session.study.folder / "exports").glob("attention-tests-*.csv")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


def test_that_a_figure_is_asked_for_as_it_is_shown(answered, session, runs, monkeypatch):
    started = []
    monkeypatch.setattr(
        session, "start", lambda title, words: started.append(words) or Job(title, words, session)
    )
    answered.drawn.see(dense=True)
    answered.drawn.face(Condition.NON_MASKED)
    answered.exports.save_png()
    answered.exports.save_svg()
    choice = answered.model.choice
    shown = [*choice.words(str(session.study.folder)), "--dense", "--faces", "nm", "--figure"]
    assert [words[:-1] for words in started] == [shown, shown]
    assert [Path(words[-1]).suffix for words in started] == [".png", ".svg"]
    answered.exports.copy_command()
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words == ["msde", *shown, "attention.svg", "--out", "shares.csv"]


def test_that_ctrl_e_opens_the_exports(answered, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(answered.export, "showMenu", lambda: opened.append(True))
    answered.setFocus()
    qtbot.keyClick(answered, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened == [True]


def test_that_nothing_is_exported_of_nothing(view, session, qtbot):
    with qtbot.waitSignal(session.said) as said:
        view.exports.save_png()
    assert said.args == ["Nothing has been measured yet"]


def test_that_the_command_says_the_whole_choice():
    choice = AttentionChoice(
        ("001-a",), "m", "sad", "true", "layercam", "trunk.layer3", sanity=True
    )
    assert choice.words("/a study") == [
        "attention", "001-a", "--study", "/a study", "--condition", "m", "--expression",
        "sad", "--layer", "trunk.layer3", "--target", "true", "--variant", "layercam", "--sanity",
    ]  # fmt: skip


def test_that_a_study_without_runs_leads_to_the_experiments(session, qtbot):
    view = AttentionView(session)
    qtbot.addWidget(view)
    view.show()
    with qtbot.waitSignal(session.asked_for_page) as asked:
        qtbot.mouseClick(view.begin, LEFT)
    assert asked.args == ["experiments"]
    assert session.analyst.asked == []


def test_that_a_run_can_be_taken_away_but_not_the_last(view, runs):
    view.model.toggle_run(runs[1])
    assert view.model.choice.runs == (runs[2],)
    view.model.toggle_run(runs[2])
    assert view.model.choice.runs == (runs[2],)


def test_that_the_explain_page_has_both_tabs(session, runs, qtbot):
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    session.analyst.ask = lambda kind, request: Question(request)
    panel.show()
    panel.show_tab(1)
    assert panel.attention.isVisible()
    assert panel.heatmaps.tools.isHidden()
    panel.show_tab(0)
    assert not panel.attention.isVisible()
    titles = [command.title for command in panel.commands()]
    assert "Measure attention" in titles
    assert len(titles) == len(set(titles))


def test_that_heatmaps_are_asked_for_only_while_their_tab_is_seen(session, runs, qtbot):
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    session.analyst.ask = lambda kind, request: Question(request)
    panel.show()
    missing = []
    session.select(Selection((3, 4), ("chosen",)))
    for act in (list, lambda: panel.show_tab(1), lambda: panel.show_tab(0), panel.hide, panel.show):
        act()
        missing.append(panel.heatmaps.model.maps.missing)
    assert missing == [4, 0, 4, 0, 4]


def test_that_a_series_without_values_has_no_box(qtbot):
    boxes = Boxes()
    qtbot.addWidget(boxes)
    values = np.array([[1.0, np.nan], [2.0, np.nan]])
    boxes.show_series(("a", "b"), (Series("s", "#ff0000", values),), (1.5, np.nan), "%")
    (box,) = boxes.boxes
    assert (box.group, box.n) == (0, 2)
    assert boxes.tip(box).startswith("s, a: median 1.5")


def test_that_the_real_process_measures_a_tiny_run(qtbot, tmp_path):
    folder = tmp_path / "study"
    faces.rendered(folder, 4).close()
    run = explaining.run(folder)
    session = Session()
    assert session.open(folder)
    session.runs._look(list_again=True)
    view = AttentionView(session)
    qtbot.addWidget(view)
    view.model.toggle_run(run.id)
    view.model.choose(runs=(run.id,), layer="trunk.layer1")
    steps = []
    view.model.worked.connect(lambda: steps.append(view.model.work))
    view.model.compute()
    qtbot.waitUntil(lambda: not view.model.computing, timeout=60_000)
    found = view.model.found
    assert len(found.samples) == 8
    sums = found.shares[run.id].sum(axis=1)
    assert sums[~np.isnan(sums)] == pytest.approx(1)
    assert len(found.document["empty"]) == np.isnan(sums).sum() < 8
    assert any(work and work.total for work in steps)
    assert json.dumps(found.document["claims"]) == "[]"
    assert_that_the_command_draws_the_same(view, session, qtbot, tmp_path)
    session.close()


def assert_that_the_command_draws_the_same(view, session, qtbot, tmp_path):
    for save, ending in ((view.exports.save_svg, "svg"), (view.exports.save_png, "png")):
        with qtbot.waitSignal(session.said, timeout=60_000):
            save()
        (drawn,) = (session.study.folder / "exports").glob(f"attention-*.{ending}")
        view.exports.copy_command()
        words = shlex.split(QGuiApplication.clipboard().text())[1:-2]  # without its table
        file = tmp_path / f"by.{ending}"
        with pytest.raises(SystemExit) as ended:
            main([*words[:-1], str(file), "--progress", "none"])
        assert ended.value.code == 0
        assert file.read_bytes() == drawn.read_bytes()


def test_that_boxes_are_walked_by_keyboard_and_enter_opens_their_faces(answered, session, qtbot):
    boxes = answered.plot.boxes
    first = boxes.boxes[0]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_M, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(boxes, key)
    assert session.selection.chips[0] == f"{Region(first.group).title} share, highest 5 %"
    assert session.selection.chips[-1] == answered.model.found.runs[0]
    assert len(boxes.frame.getData()[0]) == 5
    qtbot.keyClick(boxes, Qt.Key.Key_Down)
    qtbot.keyClick(boxes, Qt.Key.Key_Enter)
    assert session.selection.chips[0].endswith("middle half")


def test_that_another_selection_does_not_draw_the_boxes_again(session, runs, qtbot, monkeypatch):
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    drawn = []
    monkeypatch.setattr(panel.attention, "refresh", lambda: drawn.append(True))
    panel.heatmaps.model.changed.emit()
    assert drawn == []


def test_that_a_full_disk_is_said_and_leaves_nothing(answered, session, qtbot, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    made = answered.exports
    for save in (made.save_shares, made.save_tests):
        with qtbot.waitSignal(session.failed) as said:
            save()
        assert said.args[0].endswith("cannot be written: No space left on device: make room.")
    assert list((session.study.folder / "exports").iterdir()) == []
