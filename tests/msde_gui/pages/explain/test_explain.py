import shlex
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QPixmap

from engine.cli import main
from engine.explanation.heatmap import ExplainRequest, HeatmapRequest, read
from engine.system.messages import Refused
from msde_gui.heatmaps.colour_bar import scale_numbers
from msde_gui.heatmaps.colours import FINE, colour, table
from msde_gui.heatmaps.pixmaps import place, shape
from msde_gui.heatmaps.requests import CHUNK
from msde_gui.pages.explain.layout import HEAD, LARGEST, SMALLEST, HeatmapLayout
from msde_gui.pages.explain.model import ROWS, ExplainModel
from msde_gui.pages.explain.panel import ExplainPanel
from msde_gui.session.jobs import Job
from msde_gui.session.run_choice import newest
from msde_gui.session.selection import Selection
from tests.engine.explanation import making as explaining
from tests.msde_gui import making
from tests.msde_gui.explaining import Analyst

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def runs(session):
    """A baseline that a newer one replaces, two other methods, and one that has not finished."""
    folder = session.study.folder
    made = [
        making.run_in(folder, folds=2, seed=seed, method=method)
        for seed, method in enumerate(("baseline", "contrastive", "baseline", "ran"))
    ]
    for run in made:
        making.train(run, session.dataset, epochs=1)
    making.predict(making.run_in(folder, folds=2, method="scan"), session.dataset, 0)
    session.runs._look(list_again=True)
    return [run.id for run in made]


@pytest.fixture
def analyst(session):
    session.analyst.close()
    session.analyst.deleteLater()
    session.analyst = Analyst()
    return session.analyst


@pytest.fixture
def panel(qtbot, session, runs, analyst):
    made = ExplainPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 760)
    made.show()
    return made


@pytest.fixture
def view(panel):
    """The tab of heatmaps."""
    return panel.heatmaps


def select(session, *ids):
    session.select(Selection(ids, ("chosen",)))


def test_that_columns_are_the_newest_finished_run_of_each_method(view, session, runs):
    assert view.model.runs == (runs[1], runs[2], runs[3])
    assert view.model.offered == tuple(runs)
    assert newest([], ()) == ()


def test_that_only_a_page_that_is_seen_asks(qtbot, session, runs, analyst):
    model = ExplainModel(session)
    select(session, 3)
    assert analyst.questions == []
    model.watch(True)
    assert analyst.asked == [(runs[1:], [3])]
    model.watch(False)
    assert model.maps.missing == 0


def test_that_showing_the_page_makes_the_networks_ready(view, analyst, runs):
    assert analyst.asked == [([runs[1], runs[2], runs[3]], [])]


def test_that_the_process_starts_before_the_page_is_shown(qtbot, session, runs, analyst):
    made = ExplainPanel(session)
    qtbot.addWidget(made)
    assert made.heatmaps.warming.timer.isActive()
    made.heatmaps.warming.timer.timeout.emit()
    assert analyst.asked == [([runs[1]], [])]
    made.heatmaps.model.toggle()
    made.heatmaps.warming.timer.stop()
    made.heatmaps.model.toggle()
    assert not made.heatmaps.warming.timer.isActive()


def test_that_little_memory_is_left_for_those_who_ask(qtbot, session, runs, analyst, monkeypatch):
    monkeypatch.setattr("msde_gui.pages.explain.preload.ROOM", 1 << 60)
    made = ExplainPanel(session)
    qtbot.addWidget(made)
    made.heatmaps.warming.timer.timeout.emit()
    assert analyst.questions == []


def test_that_what_is_asked_is_what_the_engine_takes(view, session, analyst, runs):
    select(session, 3, 5)
    request = analyst.questions[-1].request
    assert request == ExplainRequest(tuple(runs[1:]), (3, 5))


def test_that_heatmaps_appear_run_by_run(view, session, analyst, runs):
    select(session, 3)
    analyst.explain(analyst.questions[-1], runs[2])
    assert [view.model.cell(0, column).map is not None for column in range(3)] == [0, 1, 0]
    assert view.foot.progress.isVisible()
    assert (view.foot.progress.value(), view.foot.progress.maximum()) == (1, 3)
    analyst.answer(analyst.questions[-1])
    assert not view.foot.progress.isVisible()


def test_that_a_few_faces_are_asked_for_at_a_time_the_ones_in_sight_first(view, session, analyst):
    ids = tuple(range(1, 4 * CHUNK + 1))
    select(session, *ids)
    assert analyst.questions[-1].request.samples == ids[:CHUNK]
    view.model.look_at(2 * CHUNK)
    assert not analyst.questions[-1].cancelled
    analyst.answer(analyst.questions[-1])
    assert analyst.questions[-1].request.samples == ids[2 * CHUNK : 3 * CHUNK]
    analyst.answer_all()
    assert view.model.maps.missing == 0
    asked = [n for question in analyst.questions for n in question.request.samples]
    assert sorted(asked) == sorted(ids)


def test_that_a_new_selection_cancels_the_old_question_of_a_process_that_is_awake(
    view, session, analyst, runs
):
    select(session, 3)
    analyst.answer_all()
    select(session, 4)
    old = analyst.questions[-1]
    select(session, 5)
    assert old.cancelled
    assert analyst.questions[-1].request.samples == (5,)


def test_that_a_process_that_is_still_starting_is_not_ended_by_a_cancelled_question(
    view, session, analyst, runs
):
    select(session, 3)
    first, second = analyst.questions
    select(session, 4)
    assert analyst.cancelled == []
    analyst.explain(analyst.questions[-1], runs[1])
    assert analyst.cancelled == [second, first]


def test_that_the_same_is_not_asked_twice(view, session, analyst):
    select(session, 3)
    analyst.answer_all()
    before = len(analyst.questions)
    select(session, 4)
    analyst.answer_all()
    session.step(-1)
    assert view.model.rows == (3,)
    assert len(analyst.questions) == before + 1


def test_that_a_run_that_cannot_answer_says_why_in_its_cells(view, session, analyst, runs):
    select(session, 3, 4)
    analyst.answer(analyst.questions[-1], {runs[1]: "Its weights have gone."}, without=(4,))
    assert view.model.cell(0, 0).why == "Its weights have gone."
    assert "not tested" in view.model.cell(1, 1).why
    assert view.model.cell(0, 1).map is not None
    assert view.model.maps.missing == 0
    view.grab()


def test_that_a_broken_image_says_why_it_has_no_heatmap(view, session, analyst):
    select(session, 3, 4)
    analyst.answer(analyst.questions[-1], unread={4: "face.jpg is empty."}, without=(4,))
    assert view.model.cell(1, 0).why == "face.jpg is empty."
    assert view.model.cell(0, 0).map is not None
    assert view.model.maps.missing == 0


def test_that_a_question_that_fails_is_not_asked_for_ever(view, session, analyst):
    select(session, 3)
    asked = analyst.questions[-1]
    asked.hear(Refused(asked.number, "There was not enough memory.", ""))
    assert view.model.cell(0, 2).why == "There was not enough memory."
    assert view.model.maps.missing == 0


def test_that_stop_asks_no_more(view, session, analyst, qtbot):
    select(session, *range(1, 30))
    analyst.answer(analyst.questions[-1])
    qtbot.mouseClick(view.foot.stop, LEFT)
    assert analyst.questions[-1].cancelled
    assert view.model.maps.missing == 0
    assert not view.foot.stop.isVisible()


def test_that_one_scale_is_shared_unless_another_is_chosen(view, session, analyst, runs):
    select(session, 2, 8)
    question = analyst.questions[-1]
    analyst.explain(question, runs[1], peak=1.0)
    analyst.explain(question, runs[2], peak=10.0)
    analyst.answer(question, dict.fromkeys(runs, "gone"))
    peaks = {}
    for scale in ("all", "run", "image"):
        view.model.looks.see(scale=scale)
        cells = [view.model.cell(row, column) for row in (0, 1) for column in (0, 1)]
        peaks[scale] = [cell.peak for cell in cells]
    assert peaks == {"all": [80] * 4, "run": [8, 80, 8, 80], "image": [2, 20, 8, 80]}


def test_that_the_colour_bar_has_numbers_for_every_scale(view, session, analyst):
    select(session, 2, 8)
    analyst.answer_all()
    assert view.foot.bar.numbers == ("0", "4", "8")
    view.model.looks.see(scale="image")
    assert view.foot.bar.numbers == scale_numbers(None)


def test_that_the_value_under_the_pointer_is_read_out_and_hovered(view, session, analyst, qtbot):
    select(session, 4, 8)
    analyst.answer_all()
    square = view.grid.sheet().square(0, 1)
    corner = QPointF(square.right() - 2, square.bottom() - 2).toPoint()
    qtbot.mouseMove(view.grid.viewport(), corner)
    assert session.pointed == 4
    assert view.foot.readout.text().endswith("4 · 50 % of the scale · 100 % of this map's maximum")
    view.grid.pointed.emit(None)
    assert session.pointed is None
    assert view.foot.readout.text() == ""


def test_that_a_click_or_an_arrow_key_focuses_a_face(view, session, analyst, qtbot):
    select(session, 4, 8, 9)
    qtbot.mouseClick(
        view.grid.viewport(), LEFT, pos=view.grid.sheet().square(1, 0).center().toPoint()
    )
    assert session.focused == 8
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_Up):
        qtbot.keyClick(view.grid, key)
        seen.append(session.focused)
    assert seen == [9, 9, 4, 4]


def test_that_keys_change_the_opacity_and_hide_the_heatmaps(panel, view, session, analyst):
    keys = {command.keys: command.run for command in panel.commands() if command.keys}
    before = view.model.looks.now.opacity
    keys["]"]()
    assert view.model.looks.now.opacity == pytest.approx(before + 0.1)
    assert view.controls.opacity.value() == round(100 * before) + 10
    for _ in range(20):
        keys["["]()
    assert view.model.looks.now.opacity == 0
    keys["C"]()
    assert not view.model.shown
    panel.hide()
    keys["C"]()
    assert not view.model.shown


def test_that_m_shows_each_run_alone_larger_in_the_same_scale(panel, view, session, analyst, qtbot):
    select(session, 4, 8)
    analyst.answer_all()
    panel.activateWindow()
    view.grid.setFocus()
    columns, peak, side = view.model.runs, view.model.peak, view.grid.sheet().side
    for run in columns:
        qtbot.keyClick(view.grid, Qt.Key.Key_M)
        assert view.model.runs == (run,)
        assert view.model.peak == peak
        assert view.grid.sheet().side >= side
        assert view.tools.runs.text() == f"Runs ({len(columns)})"
    qtbot.keyClick(view.grid, Qt.Key.Key_M)
    assert view.model.runs == columns


def test_that_hiding_the_heatmaps_shows_the_faces_alone(view, session, analyst):
    select(session, 4)
    analyst.answer_all()
    sheet = view.grid.sheet()

    def pixels(column):
        room = sheet.square(0, column).toRect().adjusted(24, 24, -24, -24)
        return view.grid.viewport().grab(room).toImage()

    assert pixels(0) != pixels(-1)
    view.model.toggle()
    assert pixels(0) == pixels(-1)


def test_that_another_variant_target_or_layer_is_asked_for(view, session, analyst):
    select(session, 4)
    analyst.answer_all()
    controls = view.controls
    for box, value in (
        (controls.variant, "layercam"),
        (controls.target, "true"),
        (controls.layer, "trunk.layer3"),
    ):
        box.setCurrentIndex(box.findData(value))
        analyst.answer_all()
    controls.random.click()
    asked = analyst.questions[-1].request.asked
    assert asked == HeatmapRequest("layercam", "true", "trunk.layer3", True)


def test_that_at_most_six_runs_stand_beside_each_other_in_their_order(view, session, runs):
    view.model.choose(runs[0], True)
    assert view.model.runs == tuple(runs)
    view.model.choose(runs[2], False)
    assert view.model.runs == (runs[0], runs[1], runs[3])
    for run in list(view.model.runs):
        view.model.choose(run, False)
    select(session, 3)
    assert view.empty.heading.text() == "No run is chosen"


def test_that_the_empty_page_offers_the_wrong_faces_of_the_newest_run(
    view, session, analyst, runs, qtbot
):
    assert view.wrong.isVisible()
    qtbot.mouseClick(view.wrong, LEFT)
    outcome = session.outcomes.of(runs[-1])
    assert set(session.selection.ids) == outcome.wrong()
    assert session.selection.run == runs[-1]
    sure = outcome.confidence(np.array(session.selection.ids))
    assert (np.diff(sure) <= 0).all()


def test_that_without_a_finished_run_the_page_leads_to_experiments(qtbot, session):
    made = ExplainPanel(session)
    qtbot.addWidget(made)
    made.show()
    assert made.heatmaps.empty.heading.text() == "No finished run yet"
    with qtbot.waitSignal(session.asked_for_page) as heard:
        qtbot.mouseClick(made.heatmaps.begin, LEFT)
    assert heard.args == ["experiments"]


def test_that_the_face_in_focus_is_shown_when_nothing_is_selected(view, session):
    session.focus(7)
    assert view.model.rows == (7,)


def test_that_rows_are_limited_and_the_note_says_so(view, session, analyst, monkeypatch):
    monkeypatch.setattr("msde_gui.pages.explain.model.ROWS", 5)
    assert ROWS == 200
    select(session, *range(1, 20))
    assert view.model.rows == (1, 2, 3, 4, 5)
    assert "the first 5 of 19 faces" in view.tools.note.text()


def test_that_the_commands_are_those_of_the_command_line(view, session, runs, analyst):
    select(session, 3, 4)
    view.model.looks.ask(target="sad", randomised=True)
    view.tools.copy_command()
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[2:5] == runs[1:]
    assert words[:2] == ["msde", "explain"]
    assert [words[n + 1] for n, word in enumerate(words) if word == "--sample"] == ["3", "4"]
    assert words[words.index("--target") + 1] == "sad"
    assert "--randomised" in words


def test_that_an_export_is_asked_for_as_it_is_shown(
    view, session, analyst, runs, qtbot, monkeypatch
):
    started = []
    monkeypatch.setattr(
        session, "start", lambda title, words: started.append(words) or Job(title, words, session)
    )
    select(session, 3, 4)
    analyst.answer_all()
    view.model.looks.see(opacity=0.3, colours="viridis", scale="run")
    qtbot.keyClick(view.grid, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (words,) = started
    assert words[:4] == ["explain", *runs[1:4]]
    assert "--sample 3 --sample 4" in " ".join(words)
    assert "--colours viridis --scale run --opacity 0.3 --out" in " ".join(words)
    folder = Path(words[words.index("--out") + 1])
    assert folder.parent == session.study.folder / "exports"
    figures = [words[n + 1] for n, word in enumerate(words) if word == "--figure"]
    assert figures == [str(folder / "heatmaps.svg"), str(folder / "heatmaps.png")]
    view.model.toggle()
    assert view.model.words()[-2:] == ["--opacity", "0"]


def test_that_a_real_process_explains_and_exports(session, qtbot, tmp_path):
    """Networks that were never taught, asked through the session's own analyst."""
    run = explaining.run(session.study.folder)
    session.runs._look(list_again=True)
    made = ExplainPanel(session)
    qtbot.addWidget(made)
    made.show()
    select(session, 3, 40)
    qtbot.waitUntil(lambda: made.heatmaps.model.maps.missing == 0, timeout=120_000)
    maps = [made.heatmaps.model.cell(row, 0).map for row in (0, 1)]
    folds = run.protocol.fold_of()
    assert [one.fold for one in maps] == [folds[session.sample(n).subject] for n in (3, 40)]
    assert made.heatmaps.model.still.phrase(0) == "trunk.layer4"
    assert made.heatmaps.model.layers[0] == "trunk"
    assert_that_the_command_exports_the_same(made.heatmaps, session, qtbot, tmp_path)


def assert_that_the_command_exports_the_same(view, session, qtbot, tmp_path):
    with qtbot.waitSignal(session.said, timeout=120_000) as heard:
        view.tools.save()
    (folder,) = (session.study.folder / "exports").glob("heatmaps-*")
    assert str(folder) in heard.args[0]
    out = tmp_path / "out"
    words = [*view.model.words(), "--out", out]
    words += ["--figure", out / "heatmaps.svg", "--figure", out / "heatmaps.png"]
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--progress", "none"])
    assert ended.value.code == 0
    files = sorted(file.name for file in out.iterdir())
    whole = {"heatmaps.csv", "heatmaps.npz", "heatmaps.png", "heatmaps.svg", "faces.txt"}
    assert whole <= {*files}
    assert len((folder / "faces.txt").read_text(encoding="utf-8").splitlines()) == 2
    assert files == sorted(file.name for file in folder.iterdir())
    for name in files:
        if not name.endswith(".npz"):  # a ZIP knows when it was made
            assert (folder / name).read_bytes() == (out / name).read_bytes()
    assert read(folder / "heatmaps.npz").samples.tolist() == [3, 40]


def test_that_heatmaps_of_another_study_are_forgotten(view, session, analyst):
    select(session, 3)
    analyst.answer_all()
    assert view.model.cell(0, 0).map
    before = len(analyst.questions)
    session.study_changed.emit()
    assert view.model.cell(0, 0).map is None
    assert analyst.questions[before].request.samples == (3,)


def test_that_colours_go_from_nothing_to_the_peak():
    image = colour(np.array([[0, 1], [2, 4]], dtype=np.float32), 2.0, "viridis")
    ramp = table("viridis")
    assert image.pixel(0, 0) == ramp[0]
    assert image.pixel(0, FINE - 1) == image.pixel(FINE - 1, FINE - 1) == ramp[-1]
    flat = colour(np.zeros((2, 2), dtype=np.float32), 0.0, "inferno")
    assert flat.pixel(5, 5) == table("inferno")[0]


def test_that_no_part_of_a_picture_is_cut_off(qapp):
    wide = QPixmap(200, 100)
    wide.fill(Qt.GlobalColor.red)
    room = HeatmapLayout(900, 700, 1, 5).square(0, 0)
    made = shape(
        wide.toImage(), wide.size().scaled(100, 100, Qt.AspectRatioMode.KeepAspectRatio), 1
    )
    rect = place(made, room)
    assert rect.width() == 2 * rect.height()
    assert rect.center() == room.center()


@pytest.mark.parametrize(
    ("width", "height", "runs"), [(400, 300, 6), (900, 700, 5), (3000, 2000, 1)]
)
def test_that_a_sheet_finds_what_it_laid_out(width, height, runs):
    sheet = HeatmapLayout(width, height, 40, runs)
    assert SMALLEST <= sheet.side <= LARGEST
    for row, column in ((0, -1), (7, 0), (39, runs - 1)):
        assert sheet.at(sheet.square(row, column).center()) == (row, column)
    assert sheet.at(QPointF(5, HEAD - 1)) is None
    seen = sheet.visible(3 * sheet.step)
    assert seen.start == 3
    assert sheet.square(seen.stop - 1, 0).top() <= 3 * sheet.step + height
