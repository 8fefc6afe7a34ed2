import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from engine.domain import Condition
from engine.evaluation import result_columns
from engine.evaluation.scores import Score
from msde_gui.pages.results.panel import ResultsPanel
from msde_gui.pages.results.table_rows import choose_hidden, groups, headings
from msde_gui.session.selection import describe_cells
from msde_gui.session.session import Session
from tests.msde_gui import making

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    yield made
    made.close()


@pytest.fixture
def run(session, tmp_path):
    made = making.run_in(tmp_path / "S")
    making.train(made, session.dataset)
    session.runs._look(list_again=True)
    return made


@pytest.fixture
def panel(qtbot, session, run):
    made = ResultsPanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 860)
    made.show()
    return made


def expected(run, condition, truth=None, predicted=None):
    """Ids found one by one, without the code under test."""
    found = run.predictions()
    return {
        int(number)
        for number, where, true, shares in zip(
            found.samples, found.conditions, found.expressions, found.probabilities, strict=True
        )
        if where == condition
        and truth in (None, int(true))
        and predicted in (None, int(np.argmax(shares)))
    }


def by_title(texts):
    return dict(zip([title for title, _ in headings()], texts, strict=True))


def accuracy_of(panel, fold):
    return panel.model.result.by_fold[fold].accuracy["average"]


def click(qtbot, matrix, rect, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(matrix, LEFT, modifier, rect.center().toPoint())


def test_that_a_cell_selects_exactly_its_samples(panel, session, run, qtbot):
    matrix = panel.matrices[Condition.MASKED]
    for truth, predicted in ((1, 1), (0, 0), (6, 6)):
        click(qtbot, matrix, matrix.lattice().rect(truth, predicted))
        assert set(session.selection.ids) == expected(run, 1, truth, predicted)
        assert session.selection.ids
    assert session.selection.chips == ("masked", "neutral → neutral", run.id)
    assert session.selection.run == run.id


def test_that_a_row_selects_all_of_a_truth_under_its_condition(panel, session, run, qtbot):
    matrix = panel.matrices[Condition.NON_MASKED]
    click(qtbot, matrix, matrix.lattice().row_name(3))
    assert set(session.selection.ids) == expected(run, 0, truth=3)
    assert session.selection.chips[:2] == ("non-masked", "all happy")


def test_that_a_column_selects_all_that_were_taken_for_it(panel, session, run, qtbot):
    matrix = panel.matrices[Condition.NON_MASKED]
    click(qtbot, matrix, matrix.lattice().column_name(4))
    assert set(session.selection.ids) == expected(run, 0, predicted=4)
    assert session.selection.chips[1] == "taken for sad"


def test_that_shift_adds_another_cell(panel, session, run, qtbot):
    matrix = panel.matrices[Condition.MASKED]
    click(qtbot, matrix, matrix.lattice().rect(2, 2))
    click(qtbot, matrix, matrix.lattice().rect(5, 5), SHIFT)
    assert set(session.selection.ids) == expected(run, 1, 2, 2) | expected(run, 1, 5, 5)
    assert session.selection.chips[1] == "2 cells"


def test_that_the_frame_follows_the_session_back_and_forward(panel, session, qtbot):
    masked, bare = panel.matrices[Condition.MASKED], panel.matrices[Condition.NON_MASKED]
    click(qtbot, masked, masked.lattice().rect(2, 2))
    click(qtbot, bare, bare.lattice().rect(1, 1))
    assert (masked._cells, bare._cells) == (frozenset(), {(1, 1)})
    session.step(-1)
    assert (masked._cells, bare._cells) == ({(2, 2)}, frozenset())


def test_that_a_table_row_shows_mean_and_spread_in_percent(panel):
    line = groups(panel.model.results)[0].lines[0]
    score = panel.model.result.scores["nm"]
    shown = by_title(line.texts)
    assert shown["Non-masked"] == f"{100 * score.accuracy:.1f} ± {100 * score.sd:.1f}"
    assert shown["Balanced"] == f"{100 * panel.model.result.scores['average'].balanced:.1f}"
    assert (shown["Folds"], shown["State"]) == ("3/3", "finished")
    assert list(shown)[-2:] == ["Folds", "State"]
    assert len(line.folds) == 3
    assert by_title(line.folds[0])["Average"] == f"{100 * accuracy_of(panel, 0):.1f}"
    assert by_title(line.folds[0])["Balanced"] == ""


def test_that_quick_runs_never_share_a_group_with_others(panel, session, tmp_path):
    other = making.run_in(tmp_path / "S", preset="paper")
    making.train(other, session.dataset)
    session.runs._look(list_again=True)
    found = groups(panel.model.results)
    assert [[line.id for line in group.lines] for group in found] == [
        [other.id],
        [panel.model.chosen],
    ]
    assert "quick" in found[1].lines[0].texts[0]


def test_that_scores_without_a_file_equal_those_of_the_worker(panel, session, run):
    stored = panel.model.result.scores
    (run.folder / "scores.json").unlink()
    again = ResultsPanel(session)
    computed = again.model.result.scores
    for name in ("nm", "m", "average"):
        for key in ("accuracy", "sd", "balanced", "macro_f1", "n", "recall"):
            assert getattr(computed[name], key) == pytest.approx(getattr(stored[name], key))
        assert computed[name].confusion == stored[name].confusion
    assert stored["nm"].interval
    assert computed["nm"].interval is None
    again.deleteLater()


def test_that_the_sentence_names_interval_chance_and_preset(panel):
    said = panel.words.text()
    assert "95 % interval" in said
    assert "guessing gives 14.3 %" in said
    assert "not comparable with the paper" in said


def test_that_a_constant_answer_is_named_where_it_would_do_well(qtbot, tmp_path):
    from msde_gui.pages.results.run_scores import Result, sentence

    table = np.diag([50, 5, 5, 5, 5, 5, 5]).tolist()
    score = Score(0.6, 0.0, None, 0.5, 0.5, {}, 80, table)
    shown = Result(
        "1", "m", "nm", "paper", 0, "finished", 2, 2, {"nm": score, "average": score}, (), {}
    )
    assert "always saying “surprise” is right in 62.5 %" in sentence(shown, "1")


def test_that_a_condition_without_samples_has_no_matrix(qtbot, tmp_path):
    session = Session()
    session.open(making.study_in(tmp_path / "S", conditions=(Condition.NON_MASKED,)))
    making.train(making.run_in(tmp_path / "S", train="nm"), session.dataset)
    session.runs._look(list_again=True)
    panel = ResultsPanel(session)
    qtbot.addWidget(panel)
    assert not panel.cards[Condition.NON_MASKED].isHidden()
    assert panel.cards[Condition.MASKED].isHidden()
    assert "masked faces" not in panel.words.text().replace("non-masked faces", "")
    session.close()


def test_that_a_run_appears_with_its_first_fold_and_grows(session, tmp_path, qtbot):
    from engine import events

    run = making.run_in(tmp_path / "S")
    panel = ResultsPanel(session)
    qtbot.addWidget(panel)
    assert panel.stack.currentWidget() is panel.empty
    making.say(run, events.RunStarted(3, 2, "cpu", "fp32", 1))
    for fold in range(2):
        making.predict(run, session.dataset, fold)
        making.say(run, events.FoldStarted(fold, 0, 9), events.FoldEnded(fold, {"nm": 0.5}, 1.0))
        session.runs._look(list_again=True)
        assert panel.model.result.done == fold + 1
    assert panel.stack.currentWidget() is not panel.empty


def test_that_the_empty_page_leads_to_the_experiments(session, qtbot):
    panel = ResultsPanel(session)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(session.asked_for_page) as asked:
        panel.empty.buttons.itemAt(0).widget().click()
    assert asked.args == ["experiments"]


def test_that_scores_are_exported_to_the_clipboard_and_a_file(panel, run, tmp_path):
    panel.export.click()
    (file,) = (tmp_path / "S" / "exports").glob("scores-*.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert QGuiApplication.clipboard().text().splitlines() == lines
    assert lines[0].startswith("run,preset,method,train,seed,state,folds,condition,accuracy")
    assert [line.split(",")[7] for line in lines[1:]] == ["nm", "m", "average"]


def test_that_the_faces_of_a_cell_can_be_listed_in_a_file(panel, session, run, tmp_path, qtbot):
    matrix = panel.matrices[Condition.MASKED]
    click(qtbot, matrix, matrix.lattice().rect(1, 1))
    matrix.export_wanted.emit()
    (file,) = (tmp_path / "S" / "exports").glob("faces-*.txt")
    listed = file.read_text(encoding="utf-8").splitlines()
    assert len(listed) == len(session.selection.ids)
    assert all(name.endswith("-1-1.png") for name in listed)


def test_that_unfolded_runs_stay_so_when_the_table_changes(panel, session, tmp_path):
    table = panel.table
    table._runs()[0].setExpanded(True)
    making.train(making.run_in(tmp_path / "S", seed=5), session.dataset)
    session.runs._look(list_again=True)
    opened = [item.isExpanded() for item in table._runs()]
    assert opened == [False, True]


def test_that_a_click_on_a_fold_chooses_its_run(panel, session, tmp_path):
    making.train(making.run_in(tmp_path / "S", seed=5), session.dataset)
    session.runs._look(list_again=True)
    newest = panel.table._runs()[0]
    newest.setExpanded(True)
    panel.table.setCurrentItem(newest.child(1))
    assert panel.model.chosen == newest.data(0, Qt.ItemDataRole.UserRole)


def test_that_a_narrow_page_gives_up_columns_that_the_name_repeats():
    titles = [title for title, _ in headings()]
    assert choose_hidden(1000) == set()
    assert {titles[place] for place in choose_hidden(800)} == {"Trained on", "State"}
    assert {titles[place] for place in choose_hidden(700)} >= {"Trained on", "State"}


def test_that_a_block_of_cells_is_described_by_its_size():
    assert describe_cells([(1, 1), (1, 2), (2, 1), (2, 2)]) == "4 cells"


def test_that_a_column_that_is_added_is_in_the_table_and_in_what_is_exported(
    session, run, monkeypatch, qtbot
):
    share = result_columns.score_column("worst", lambda score: min(score.recall.values()), "Worst")
    monkeypatch.setattr(result_columns, "COLUMNS", (*result_columns.COLUMNS, share))
    panel = ResultsPanel(session)
    qtbot.addWidget(panel)
    scores = panel.model.result.scores
    shown = f"{100 * min(scores['average'].recall.values()):.1f}"
    assert panel.table.headerItem().text(panel.table.columnCount() - 1) == "Worst"
    (item,) = panel.table._runs()
    assert item.text(panel.table.columnCount() - 1) == shown
    head, *lines = (line.split(",") for line in panel.model.table_text().splitlines())
    assert head[-1] == "worst"
    assert [float(line[-1]) for line in lines] == [min(s.recall.values()) for s in scores.values()]


@pytest.mark.parametrize("name", ["sd", "balanced", "macro_f1", "recall", "n", "confusion"])
def test_that_a_run_of_a_version_without_some_score_has_it_all_the_same(
    panel, session, run, name, qtbot
):
    known = panel.model.result.scores
    rewrite(run.scores_file, lambda score: score.pop(name))
    again = ResultsPanel(session)
    qtbot.addWidget(again)
    assert again.model.result.scores == known
    assert again.model.result.scores["nm"].interval
    assert again.words.text() == panel.words.text()


def test_that_scores_of_a_newer_version_are_said_to_be_so(session, run, qtbot):
    document = json.loads(run.scores_file.read_text("utf-8"))
    run.scores_file.write_text(json.dumps(document | {"format": 2}), "utf-8")
    panel = ResultsPanel(session)
    qtbot.addWidget(panel)
    assert panel.model.results == ()
    panel.model.choose(run.id)
    assert "was made by a newer version" in panel.words.text()
    assert by_title(groups((), panel.model.faults)[0].lines[0].texts)["State"] == "damaged"


def rewrite(file, change):
    scores = json.loads(file.read_text("utf-8"))
    for name in ("nm", "m", "average"):
        change(scores[name])
    file.write_text(json.dumps(scores), "utf-8")
