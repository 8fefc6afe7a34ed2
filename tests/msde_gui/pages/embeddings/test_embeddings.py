import csv
import io
import shlex
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from engine.cli import main
from engine.domain import Condition
from engine.embeddings.colouring import KEYS
from engine.embeddings.embedding import (
    Embedded,
    Embedding,
    EmbeddingAnswer,
    EmbeddingEnded,
    EmbeddingStarted,
)
from engine.embeddings.quality import Measures, Structure
from engine.events import Progressed
from engine.experiment.folds import split
from engine.store import runs as stored
from msde_gui.pages.embeddings import quality_text
from msde_gui.pages.embeddings.choice import EmbeddingChoice
from msde_gui.pages.embeddings.view import EmbeddingsView
from msde_gui.pages.gallery.panel import GalleryPanel
from msde_gui.plots.marks import Strength
from msde_gui.session.jobs import Job
from msde_gui.session.run_choice import list_finished, newest
from msde_gui.session.selection import Filter, Selection
from msde_gui.session.session import Session
from tests.engine.embeddings.making import train
from tests.engine.making import experiment, faces
from tests.engine.making import study as small_study
from tests.msde_gui import making
from tests.msde_gui.asking import Oracle
from tests.msde_gui.plots.test_scatter import drag

MEASURES = Measures(Structure(0.12, 0.68, 0.7), Structure(0.31, 0.68, 0.7), samples=56, pairs=28)


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    made.analyst.close()
    made.analyst = Oracle("embed")
    yield made
    made.close()


@pytest.fixture
def runs(session, tmp_path):
    found = [making.run_in(tmp_path / "S", train=name) for name in ("nm", "mix")]
    for run in found:
        making.train(run, session.dataset)
    session.runs._look(list_again=True)
    return [run.id for run in found]


@pytest.fixture
def view(qtbot, session, runs):
    made = EmbeddingsView(session)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    return made


def columns(session, run):
    fold = session.runs.view(run).run.protocol.folds[0]
    dataset = session.dataset
    points = np.random.default_rng(0).normal(size=(len(dataset), 2)).astype(np.float32)
    return dataset.ids, np.isin(dataset.subjects, fold.test), points


def picture(session, run):
    ids, held_out, points = columns(session, run)
    about = {"fold": 0, "embedding": "tsne", "seed": 0, "settings": {}, "version": "1"}
    return EmbeddingEnded(Embedding(run, *about.values(), ids, held_out, points, MEASURES))


@pytest.fixture
def drawn(view, session, runs):
    """With every picture there."""
    question = session.analyst.asked[-1]
    for run in runs:
        question.reported.emit(picture(session, run))
    question.succeeded.emit(EmbeddingAnswer(tuple(runs), (), (), ()))
    question.ended.emit()
    return view


def test_that_kept_pictures_are_asked_for_as_soon_as_the_view_is_seen(view, session, runs):
    (question,) = session.analyst.asked
    assert question.request == EmbeddingChoice(tuple(runs)).request(kept=True)
    assert view.model.looking
    question.reported.emit(picture(session, runs[0]))
    assert view.cells[runs[0]].stack.currentIndex() == 1
    question.ended.emit()
    assert view.stack.currentWidget() is view.board
    assert view.options.compute.isEnabled()


def test_that_nothing_kept_offers_to_compute(view, session, runs):
    session.analyst.asked[-1].ended.emit()
    assert view.stack.currentWidget() is view.no_picture
    view.no_picture.buttons.itemAt(0).widget().click()
    assert session.analyst.asked[-1].request.kept is False
    assert view.options.compute.text() == "Cancel"


def test_that_a_study_without_a_finished_run_leads_to_experiments(qtbot, session):
    view = EmbeddingsView(session)
    qtbot.addWidget(view)
    assert view.stack.currentWidget() is view.no_run
    with qtbot.waitSignal(session.asked_for_page) as blocker:
        view.no_run.buttons.itemAt(0).widget().click()
    assert blocker.args == ["experiments"]


def test_that_frames_arrive_in_the_plot_while_it_is_computed(view, session, runs):
    view.model.compute()
    question = session.analyst.asked[-1]
    ids, held_out, points = columns(session, runs[0])
    question.reported.emit(EmbeddingStarted(runs[0], ids, held_out))
    question.reported.emit(Progressed("t-SNE", 20, 750))
    assert "t-SNE of" in view.note.text()
    assert (view.bar.value(), view.bar.maximum()) == (20, 750)
    for step in (1, 2, 3):
        question.reported.emit(Embedded(step, 3, points * step))
        assert np.allclose(view.cells[runs[0]].scatter.points, points * step)
    drawn = view.cells[runs[0]].scatter.dots.points
    assert np.allclose(np.sort(drawn, axis=0), np.sort(points * 3, axis=0))
    assert view.cells[runs[1]].absent.text() == "Waits for its turn"
    assert not view.cells[runs[0]].measures.isVisible()
    question.reported.emit(picture(session, runs[0]))
    assert view.cells[runs[0]].measures.isVisible()


def test_that_cancel_forgets_what_is_not_whole(view, session, runs):
    view.model.compute()
    question = session.analyst.asked[-1]
    question.reported.emit(picture(session, runs[0]))
    ids, held_out, points = columns(session, runs[1])
    question.reported.emit(EmbeddingStarted(runs[1], ids, held_out))
    question.reported.emit(Embedded(1, 9, points))
    assert set(view.model.maps) == set(runs)
    view.options.compute.click()
    assert question.cancelled
    assert list(view.model.maps) == [runs[0]]
    assert not view.model.computing
    question.reported.emit(Embedded(2, 9, points))
    question.ended.emit()
    assert list(view.model.maps) == [runs[0]]


def test_that_umap_says_that_it_is_prepared(view, session):
    view.model.choose(embedding="umap")
    view.model.compute()
    session.analyst.asked[-1].reported.emit(Progressed("UMAP", 0, 500))
    assert "UMAP is being prepared (first time up to 20 s)" in view.note.text()
    assert view.bar.maximum() == 0


def test_that_a_failure_is_told_and_ends_the_work(view, session, qtbot):
    view.model.compute()
    question = session.analyst.asked[-1]
    with qtbot.waitSignal(session.failed) as blocker:
        question.failed.emit("Fold 1 is not trained.", "")
    question.ended.emit()
    assert blocker.args[0] == "Fold 1 is not trained."
    assert view.model.work is None


def test_that_broken_images_are_counted_and_listed(view, session, qtbot):
    view.model.compute()
    with qtbot.waitSignal(session.failed) as blocker:
        session.analyst.asked[-1].succeeded.emit(
            EmbeddingAnswer((), (), ("a.jpg is empty.", "b.jpg is empty."), ())
        )
    assert blocker.args[0].startswith("Drawn without 2 images that cannot be read")
    assert blocker.args[1] == "a.jpg is empty.\nb.jpg is empty."


def test_that_lasso_selection_gallery_and_exported_rows_are_as_many(drawn, session, runs, qtbot):
    gallery = GalleryPanel(session)
    qtbot.addWidget(gallery)
    cell = drawn.cells[runs[1]]
    scatter = cell.scatter
    scatter.show_frame(cell.map.points)
    middle = scatter.rect().center()
    corners = [QPoint(middle.x() + dx, middle.y() + dy) for dx, dy in ((-60, -50), (70, -60))]
    corners += [QPoint(middle.x() + 40, middle.y() + 70), QPoint(middle.x() - 60, middle.y() + 30)]
    outline = np.array([(c.x(), c.y()) for c in corners], dtype=float)
    lassoed = scatter._enclosed(outline)
    drag(qtbot, scatter, corners)
    assert 0 < len(lassoed) < len(session.dataset)
    assert set(session.selection.ids) == set(lassoed.tolist())
    assert session.selection.chips == ("lasso", runs[1], "fold 1")
    assert session.selection.run == runs[1]
    rows = [
        row for row in csv.DictReader(io.StringIO(drawn.exports.data())) if row["run"] == runs[1]
    ]
    chosen = [row for row in rows if row["selected"] == "1"]
    counts = {len(lassoed), len(gallery.model.ids), len(chosen), len(drawn.exports.files())}
    assert counts == {len(lassoed)}
    assert len(rows) == len(session.dataset)


def test_that_a_selection_from_elsewhere_rings_exactly_its_points(drawn, session, runs):
    ids = tuple(session.dataset.ids[[3, 9, 40]].tolist())
    session.select(Selection(ids, ("masked", "fear → sad")))
    for run in runs:
        assert tuple(drawn.cells[run].scatter.ringed.tolist()) == ids
    session.step(-1)
    assert not len(drawn.cells[runs[0]].scatter.ringed)


def test_that_a_click_selects_and_focuses_and_shift_adds(drawn, session, runs):
    scatter = drawn.cells[runs[0]].scatter
    scatter.picked.emit(5, False)
    assert (session.selection.ids, session.focused) == ((5,), 5)
    scatter.picked.emit(8, True)
    assert (session.selection.ids, session.focused) == ((5, 8), 8)


def test_that_the_pointer_in_one_plot_is_seen_in_all(drawn, session, runs):
    number = int(session.dataset.ids[7])
    drawn.cells[runs[0]].scatter.hovered.emit(number)
    assert session.pointed == number
    for run in runs:
        marked = drawn.cells[run].scatter.pointer.points
        row = drawn.cells[run].map.samples.tolist().index(number)
        assert marked.tolist() == [drawn.cells[run].map.points[row].tolist()]
    sample = session.sample(number)
    assert drawn.card.isVisible()
    assert drawn.card.subject.text() == sample.subject
    assert sample.expression.title in drawn.card.truth.text()
    assert "taken for" in drawn.card.answer.text()
    drawn.cells[runs[0]].scatter.hovered.emit(None)
    assert not drawn.card.isVisible()
    session.hover(number)
    assert len(drawn.cells[runs[1]].scatter.pointer.points) == 1


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("truth", 7),
        ("prediction", 7),
        ("condition", 2),
        ("subject", 12),
        ("fold", 3),
        ("correct", 2),
    ],
)
def test_that_each_key_has_a_colour_for_each_of_its_values(drawn, runs, key, count):
    drawn.drawn.show_training(True)
    drawn.tools.colour.setCurrentIndex(list(KEYS).index(key))
    look = drawn.cells[runs[0]].scatter.look
    assert len({look.palette[colour] for colour in look.colours}) == count
    assert len(drawn.legend.buttons) == count


def test_that_squares_are_masked_and_solid_ones_held_out(drawn, session, runs):
    made = drawn.cells[runs[0]].map
    look = drawn.drawn.look(made)
    assert np.array_equal(look.squares, session.dataset.conditions == Condition.MASKED)
    assert np.array_equal(look.strengths == Strength.SOLID, made.held_out)
    assert set(look.strengths[~made.held_out]) == {Strength.FAINT}
    drawn.tools.training.click()
    assert set(drawn.drawn.look(made).strengths[~made.held_out]) == {Strength.HIDDEN}


def test_that_the_filter_of_the_session_hides_the_rest(drawn, session, runs):
    session.narrow(Filter(condition=1))
    cell = drawn.cells[runs[0]]
    assert len(cell.scatter.dots.points) == int(session.dataset.conditions.sum())


def test_that_the_legend_shows_an_expression_alone(drawn, session, runs):
    drawn.legend.buttons[4].click()
    look = drawn.drawn.look(drawn.cells[runs[0]].map)
    assert np.array_equal(look.active, session.dataset.expressions == 4)
    drawn.legend.buttons[4].click()
    assert drawn.drawn.look(drawn.cells[runs[0]].map).active.all()


def test_that_pairs_join_the_same_subject_and_expression(drawn, session, runs):
    drawn.tools.pairs.click()
    rows = drawn.drawn.pairs(drawn.cells[runs[0]].map)
    dataset = session.dataset
    assert len(rows) == len(dataset) // 2
    assert (dataset.subjects[rows[:, 0]] == dataset.subjects[rows[:, 1]]).all()
    assert (dataset.conditions[rows] == [0, 1]).all()
    held_out = int(drawn.cells[runs[0]].map.held_out.sum())
    assert len(drawn.cells[runs[0]].scatter.lines.getData()[0]) == held_out


def test_that_another_choice_cancels_and_asks_anew(drawn, session, runs):
    drawn.model.compute()
    drawn.options.fold.setCurrentIndex(2)
    before, after = session.analyst.asked[-2:]
    assert before.cancelled
    assert (after.request.fold, after.request.kept) == (2, True)
    assert not drawn.model.maps
    drawn.options.list.toggled.emit(runs[0])
    assert session.analyst.asked[-1].request.runs == (runs[1],)
    assert list(drawn.cells) == [runs[1]]


def test_that_settings_are_drawn_and_only_changes_are_asked(drawn, session):
    session.catalogue = making.catalogue()
    session.catalogue_changed.emit()
    assert [drawn.options.embedding.itemText(n) for n in range(2)] == ["PCA", "t-SNE"]
    drawn.options.form.widget("perplexity").setText("50")
    assert session.analyst.asked[-1].request.settings == {"perplexity": 50.0}
    drawn.exports.copy_command()
    assert "--set perplexity=50.0" in QGuiApplication.clipboard().text()
    drawn.options.embedding.setCurrentIndex(0)
    assert session.analyst.asked[-1].request.settings == {}
    assert not drawn.options.settings.isEnabled()


def test_that_the_newest_run_of_each_kind_is_shown_at_first(session, runs, tmp_path):
    newer = making.run_in(tmp_path / "S", train="nm", seed=1)
    making.train(newer, session.dataset)
    making.run_in(tmp_path / "S", train="m")  # not finished
    session.runs._look(list_again=True)
    views = session.runs.views
    assert newest(views, list_finished(views)) == (runs[1], newer.id)


def test_that_tables_and_lists_are_written_and_the_command_copied(drawn, session):
    session.select(Selection(tuple(session.dataset.ids[:3].tolist())))
    drawn.exports.save_data()
    drawn.exports.save_files()
    drawn.exports.copy_command()
    files = {file.suffix: file for file in (session.study.folder / "exports").iterdir()}
    assert set(files) == {".csv", ".txt"}
    assert len(files[".txt"].read_text().splitlines()) == 3
    assert "msde embed" in QGuiApplication.clipboard().text()
    assert "--fold 1 --embedding tsne" in QGuiApplication.clipboard().text()


def test_that_a_figure_is_asked_for_as_it_is_shown(drawn, session, runs, monkeypatch):
    started = []
    monkeypatch.setattr(
        session, "start", lambda title, words: started.append(words) or Job(title, words, session)
    )
    session.select(Selection((3, 5, 4)))
    session.narrow(Filter(expression=4, condition=1, subject="S0", fold=1))
    drawn.drawn.colour_by("correct")
    drawn.drawn.highlight(1)
    drawn.drawn.join(joined=True)
    drawn.drawn.show_training(shown=False)
    drawn.exports.save_svg()
    drawn.exports.save_png()
    words = started[0]
    assert words[:5] == ["embed", *runs, "--study", str(session.study.folder)]
    shown = "--colour correct --highlight wrong --pairs --held-out --subject S0 --expression sad"
    assert f"{shown} --condition m --tested 2 --ring 3-5 --out" in " ".join(words)
    assert [Path(words[-1]).suffix for words in started] == [".svg", ".png"]
    drawn.exports.copy_command()
    assert shlex.split(QGuiApplication.clipboard().text())[1:-1] == words[:-1]


def test_that_too_many_marks_are_refused_in_a_sentence(drawn, session, qtbot):
    session.select(Selection(tuple(range(1, 20_000, 2))))
    with qtbot.waitSignal(session.failed) as said:
        drawn.exports.save_svg()
    assert "select fewer" in said.args[0]
    assert not session.jobs


def test_that_keys_choose_the_tool_and_ctrl_e_opens_the_exports(drawn, runs, qtbot, monkeypatch):
    commands = {command.keys: command for command in drawn.commands() if command.keys}
    commands["G"].run()
    assert drawn.cells[runs[0]].scatter.tool == "pan"
    commands["S"].run()
    assert drawn.cells[runs[1]].scatter.tool == "lasso"
    opened = []
    monkeypatch.setattr(drawn.tools.export, "showMenu", lambda: opened.append(True))
    qtbot.keyClick(drawn, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened


def test_that_m_shows_each_run_alone_and_then_all(drawn, runs, qtbot):
    drawn.activateWindow()
    drawn.setFocus()
    seen = []
    for _ in range(len(runs) + 1):
        qtbot.keyClick(drawn, Qt.Key.Key_M)
        seen.append([run for run, cell in drawn.cells.items() if cell.isVisible()])
    assert seen == [[run] for run in drawn.cells] + [list(drawn.cells)]


def test_that_the_measures_are_words():
    said = quality_text.sentence(MEASURES)
    assert "silhouette 0.12 in the features, 0.31 in the picture" in said
    assert "68\u00a0% of the 10 nearest share the expression" in said
    assert "a masked face lies 0.70 of a random distance from its partner" in said
    nothing = Structure(None, None, None)
    assert "Too few" in quality_text.short(Measures(nothing, nothing, samples=1, pairs=0))


@pytest.fixture
def trained(qtbot, tmp_path):
    """A session on a study whose one run has networks."""
    place = tmp_path / "study"
    small_study(place, faces(tmp_path / "faces", 2)).close()
    session = Session()
    assert session.open(place)
    protocol = split(session.dataset, 2, 0)
    made = stored.create(place / "runs", experiment(last_sample=28), protocol)
    for fold in range(2):
        making.predict(made, session.dataset, fold)
        train(made, fold)
    session.runs._look(list_again=True)
    yield session, made
    session.close()


def test_that_a_real_process_computes_a_picture_and_keeps_it(qtbot, trained):
    session, made = trained
    view = EmbeddingsView(session)
    qtbot.addWidget(view)
    view.model.choose(settings={"perplexity": 5})
    frames = []
    view.model.mapped.connect(lambda run: frames.append(run in view.model.maps))
    view.model.compute()
    qtbot.waitUntil(lambda: view.model.whole and not view.model.computing, timeout=120_000)
    assert frames == [True, True]  # the first frame and the picture
    points = view.model.maps[made.id].points
    view.model.wake()
    qtbot.waitUntil(lambda: not view.model.looking, timeout=60_000)
    assert np.array_equal(view.model.maps[made.id].points, points)


def test_that_window_and_command_draw_the_same_figure(qtbot, trained, tmp_path):
    session, run = trained
    view = EmbeddingsView(session)
    qtbot.addWidget(view)
    view.model.choose(embedding="pca")
    view.model.compute()
    qtbot.waitUntil(lambda: view.model.whole and not view.model.computing, timeout=120_000)
    view.drawn.colour_by("prediction")
    session.select(Selection((1, 2)))
    for save, ending in ((view.exports.save_svg, "svg"), (view.exports.save_png, "png")):
        with qtbot.waitSignal(session.said, timeout=60_000):
            save()
        (drawn,) = (session.study.folder / "exports").glob(f"pca-*.{ending}")
        words = ["embed", run.id, "--study", session.study.folder, "--embedding", "pca"]
        words += ["--colour", "prediction", "--ring", "1,2", "--out", tmp_path / f"by.{ending}"]
        with pytest.raises(SystemExit) as ended:
            main([*map(str, words)])
        assert ended.value.code == 0
        assert (tmp_path / f"by.{ending}").read_bytes() == drawn.read_bytes()
