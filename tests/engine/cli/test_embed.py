import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from engine.cli import main
from engine.store.prediction_files import write
from tests.engine.embeddings.making import trained_run
from tests.engine.making import predictions
from tests.full_disk import fill

SMALL = ["--set", "perplexity=5", "--set", "exaggerated=20", "--set", "iterations=20"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Two runs; fold 1 of the first has said what it thinks of its 14 samples."""
    folder = tmp_path_factory.mktemp("Tëst データ")
    run = trained_run(folder)
    write(predictions(range(1, 15), 0), run.fold(0) / "predictions.npz")
    trained_run(folder, seed=1)
    return run.study_folder


def msde(capsys, *words, code=0):
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--json"])
    said = capsys.readouterr()
    assert ended.value.code == code, said.err
    return json.loads(said.out)


def test_that_a_table_has_each_sample_of_each_run(study, tmp_path, capsys):
    file = tmp_path / "points.csv"
    said = msde(capsys, "embed", 1, 2, "--study", study, "--out", file, *SMALL)
    assert said["embedding"] == "tsne"
    assert said["settings"] == {"perplexity": 5.0, "exaggerated": 20, "iterations": 20}
    assert said["file"] == str(file)
    assert said["seconds"] > 0
    assert [one["run"][:3] for one in said["runs"]] == ["001", "002"]
    for one in said["runs"]:
        assert (one["fold"], one["samples"]) == (1, 28)
        assert set(one["measures"]["picture"]) == {"silhouette", "purity", "pair_distance"}
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 56
    assert set(rows[0]) == {
        "run", "fold", "sample", "file", "subject", "condition", "expression", "predicted",
        "held_out", "x", "y",
    }  # fmt: skip
    first = rows[:28]
    assert {row["predicted"] for row in first if row["held_out"] == "1"} == {"surprise"}
    assert {row["predicted"] for row in first if row["held_out"] == "0"} == {""}
    assert {row["subject"] for row in first if row["held_out"] == "1"} == {"s0"}
    assert all(float(row["x"]) == pytest.approx(float(row["x"])) for row in rows)


def test_that_figures_are_drawn(study, tmp_path, capsys):
    words = ("embed", "1", "2", "--study", study, "--embedding", "pca", "--fold", "2", "--out")
    msde(capsys, *words, tmp_path / "pictures.png")
    with Image.open(tmp_path / "pictures.png") as drawn:
        assert drawn.width > 1000
        assert len(drawn.convert("RGB").getcolors(1 << 24)) > 20
    msde(capsys, *words, tmp_path / "pictures.svg")
    assert "<svg" in (tmp_path / "pictures.svg").read_text(encoding="utf-8")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("ending", ["csv", "png", "svg"])
def test_that_a_full_disk_leaves_the_old_picture(study, tmp_path, capsys, monkeypatch, ending):
    def saved(self, file, **_):
        with Path(file).open("wb") as stream:
            stream.write(b"x" * 500)

    file = tmp_path / f"old.{ending}"
    file.write_text("old", encoding="utf-8")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", saved)
    words = ("embed", "1", "--study", study, "--embedding", "pca", "--out", file)
    msde(capsys, *words)  # what is kept within the run is there
    file.write_text("old", encoding="utf-8")
    fill(monkeypatch, 100)
    said = msde(capsys, *words, code=1)
    assert said["error"].startswith(f"{file} cannot be written: No space left on device")
    assert file.read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob(".*"))


def test_that_a_run_named_like_a_formula_of_mathematics_is_drawn(study, capsys, tmp_path):
    run = next((study / "runs").glob("002-*"))
    named = run.rename(run.with_name("002-$x_{$y$"))
    file = tmp_path / "a.svg"
    msde(capsys, "embed", 2, "--study", study, "--embedding", "pca", "--out", file)
    assert "002-$x_{$y$" in file.read_text(encoding="utf-8")
    named.rename(run)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["1", "--out", "points.xls"], "points.xls must end with .csv, .png, .svg"),
        (["9", "--out", "points.csv"], "no run “9”"),
        (["1", "--out", "points.csv", "--fold", "3"], "has folds 1 to 2, not 3"),
        (["1", "--out", "points.csv", "--embedding", "mds"], "no embedding “mds”"),
        (["1", "--out", "points.csv"], "needs at least 91 samples, but there are 28"),
        (["1", "--out", "points.csv", "--set", "size=3"], "no setting “size”"),
        (["1", "--out", "no/where.csv", "--embedding", "pca"], "cannot be written"),
    ],
)
def test_that_a_wrong_word_is_named_in_one_sentence(
    study, words, part, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    sentence = msde(capsys, "embed", *words, "--study", study, code=1)["error"]
    assert part in sentence
    assert "\n" not in sentence
    assert not list(tmp_path.iterdir())
