import json

import pytest

from engine.cli import main
from engine.evaluation import result_columns
from tests.engine import making


@pytest.fixture
def study(tmp_path):
    """A run of two folds, one of which is done."""
    making.study(tmp_path, making.faces(tmp_path)).close()
    making.finish(making.run(tmp_path), 0)
    return tmp_path


def said(capsys, study, *words):
    with pytest.raises(SystemExit) as ended:
        main(["scores", "1", "--study", str(study), *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_that_one_fold_of_two_is_said_to_be_one_and_has_no_spread(study, capsys):
    shown = said(capsys, study)
    assert "fold 1 of 2, queued." in shown
    assert "±" not in shown.split("Recall")[0].replace("mean ± SD", "")
    facts = next(iter(json.loads(said(capsys, study, "--json"))["runs"].values()))
    assert facts["folds"] == {"done": [1], "of": 2}


def test_that_a_column_that_is_added_is_in_the_table(study, capsys, monkeypatch):
    before = said(capsys, study)
    share = result_columns.score_column("worst", lambda score: min(score.recall.values()), "Worst")
    monkeypatch.setattr(result_columns, "COLUMNS", (*result_columns.COLUMNS, share))
    lines = said(capsys, study).splitlines()
    head = next(line.split() for line in lines if "balanced" in line)
    row = next(line.split() for line in lines if line.split()[:1] == ["001-baseline-nm"])
    assert (head[-2:], row[-1]) == (["macro-F1", "worst"], "100.0")
    assert "worst" not in before


def test_that_answers_have_the_very_names_of_scores_that_programs_know(study, capsys):
    facts = next(iter(json.loads(said(capsys, study, "--json"))["runs"].values()))
    assert list(facts) == ["preset", "state", "folds", "note", "nm", "average"]
    assert list(facts["nm"]) == [
        "accuracy", "sd", "interval", "balanced", "macro_f1", "recall", "n", "confusion",
    ]  # fmt: skip
