import csv
import json
import sqlite3

import numpy as np
import pytest

from engine.cli import main
from engine.evaluation.scores import confusion
from engine.experiment.predictions import Predictions
from engine.store.prediction_files import write
from engine.store.runs import create
from tests.engine import making
from tests.engine.making import experiment, protocol
from tests.full_disk import fill


def msde(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main(["errors", *map(str, words), "--json"])
    return ended.value.code, json.loads(capsys.readouterr().out)


@pytest.fixture
def study(tmp_path):
    """Four subjects in two folds, and two runs that are wrong in about half of the faces."""
    folder = tmp_path / "Tëst データ"
    with making.study(folder, making.faces(tmp_path / "faces", subjects=4)) as opened:
        dataset = opened.dataset()
    tests = [["s0", "s1"], ["s2", "s3"]]
    for seed in (1, 2):
        run = create(folder / "runs", experiment(seed=seed), protocol(tests, 0))
        random = np.random.default_rng(seed)
        for fold, subjects in enumerate(tests):
            rows = np.flatnonzero(np.isin(dataset.subjects, subjects))
            values = random.random((len(rows), 7)).astype(np.float32)
            values[np.arange(len(rows)), dataset.expressions[rows]] += 0.4
            shares = values / values.sum(axis=1, keepdims=True)
            columns = (dataset.conditions[rows], dataset.expressions[rows])
            part = Predictions(dataset.ids[rows], np.full(len(rows), fold), *columns, shares)
            run.fold(fold).mkdir()
            write(part, run.fold(fold) / "predictions.npz")
    return folder


def test_that_two_runs_are_compared_sample_by_sample(study, capsys):
    code, said = msde(capsys, 1, 2, "--study", study)
    assert code == 0
    assert said["common"] == 56
    one, two = said["runs"].values()
    both = set(said["wrong_by_all"])
    assert one["wrong"] == len(both) + len(one["only_wrong"])
    assert one["only_wrong"] == two["only_right"]
    for cell in said["difference"]["cells"]:
        assert cell["net"] == len(cell["entered"]) - len(cell["left"])
    moved = sum(len(cell["entered"]) for cell in said["difference"]["cells"])
    assert moved == sum(len(cell["left"]) for cell in said["difference"]["cells"]) > 0


def test_that_every_mistake_is_listed_once_in_each_way(study, capsys):
    _, said = msde(capsys, 1, "--study", study)
    (one,) = said["runs"].values()
    listed = sorted(number for ids in one["mistakes"].values() for number in ids)
    confused = sorted(number for row in one["confusions"] for number in row["samples"])
    assert listed == confused == sorted(said["wrong_by_all"])
    assert one["wrong"] == len(listed) == sum(row["wrong"] for row in one["subjects"])
    assert one["pairs"] == 28
    assert set(one["masked_only"]) <= set(listed)
    assert "difference" not in said


def test_that_mistakes_are_written_with_file_and_fold(study, capsys, tmp_path):
    file = tmp_path / "errors.csv"
    _, said = msde(capsys, 1, "--study", study, "--fold", 2, "--out", file)
    with file.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    (one,) = said["runs"].values()
    assert (said["fold"], one["n"]) == (2, 28)
    assert len(rows) == one["wrong"]
    assert {row["fold"] for row in rows} == {"2"}
    shares = [float(row["probability"]) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert all(row["expression"] != row["predicted"] for row in rows)


@pytest.mark.parametrize("words", [("errors", "1", "--out"), ("scores", "1", "--predictions")])
def test_that_a_full_disk_leaves_the_old_table(study, capsys, tmp_path, monkeypatch, words):
    file = tmp_path / "old.csv"
    file.write_text("old", encoding="utf-8")
    fill(monkeypatch, 100)
    with pytest.raises(SystemExit) as ended:
        main([*words, str(file), "--study", str(study), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert said["error"].startswith(f"{file} cannot be written: No space left on device")
    assert file.read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("words", [("errors", "1", "--out"), ("scores", "1", "--predictions")])
def test_that_a_place_for_a_table_is_told_with_its_cause(study, capsys, tmp_path, words):
    for place, cause in ((tmp_path, "it is a folder"), (tmp_path / "no" / "a.csv", "no folder")):
        with pytest.raises(SystemExit) as ended:
            main([*words, str(place), "--study", str(study), "--json"])
        assert ended.value.code == 1
        assert cause in json.loads(capsys.readouterr().out)["error"]
    assert not (tmp_path / "no").exists()


def test_that_a_subject_which_is_a_formula_is_shielded_in_the_table(study, capsys, tmp_path):
    with sqlite3.connect(study / "study.sqlite") as database:
        database.execute("DELETE FROM settings")  # seals of what was imported
        database.execute("UPDATE samples SET subject = '=1+1' || subject")
    database.close()
    for words in (("errors", "1", "--out"), ("scores", "1", "--predictions")):
        file = tmp_path / f"{words[0]}.csv"
        with pytest.raises(SystemExit):
            main([*words, str(file), "--study", str(study), "--json"])
        capsys.readouterr()
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert {row["subject"][:5] for row in rows} == {"'=1+1"}
        assert all(cell[:1] not in tuple("=+-@") for row in rows for cell in row.values())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("1", "--fold", "3"), "no finished fold 3: choose one of 1, 2"), (("9",), "no run “9”")],
)
def test_that_what_is_not_there_is_named(study, capsys, words, sentence):
    code, said = msde(capsys, *words, "--study", study)
    assert code == 1
    assert sentence in said["error"]


def test_that_confusions_equal_the_matrix(study, capsys):
    _, said = msde(capsys, 2, "--study", study)
    (one,) = said["runs"].values()
    (name,) = said["runs"]
    from engine.store.runs import find_run

    table = confusion(find_run(study / "runs", name).predictions())
    assert sum(row["n"] for row in one["confusions"]) == table.sum() - np.trace(table)
