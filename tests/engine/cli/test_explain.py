import csv
import json
import sqlite3

import numpy as np
import pytest
from PIL import Image

from engine.cli import main
from engine.explanation.heatmap import read
from engine.store.study import Study
from tests.engine.explanation import making


@pytest.fixture
def msde(capsys):
    """Run the command in this process and return its JSON document."""

    def run(*words, code=0):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, words), "--json", "--progress", "none"])
        assert ended.value.code == code
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return making.run(making.study(tmp_path_factory.mktemp("Tëst データ")))


def of(run, *words):
    return ["explain", run.id, "--study", run.study_folder, *words]


def test_that_maps_pictures_and_table_are_written_and_told(msde, run, tmp_path):
    out = tmp_path / "new" / "out"
    words = of(run, "--sample", 18, "--sample", 3, "--layer", "trunk.layer2", "--out", out)
    said = msde(*words, "--target", "true")
    made = read(out / "heatmaps.npz")
    assert made.samples.tolist() == [18, 3]
    assert said["scale"] == [0, pytest.approx(float(made.values.max()))]
    assert (said["run"], said["layer"], said["skipped"]) == (run.id, "trunk.layer2", [])
    with (out / "heatmaps.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    facts = said["images"]
    assert [{key: str(value) for key, value in one.items()} for one in facts] == rows
    first = facts[0]
    assert (first["sample"], first["subject"], first["condition"]) == (18, "s1", "m")
    assert (first["expression"], first["target"], first["fold"]) == ("fear", "fear", 2)
    assert first["probability"] == pytest.approx(float(made.probabilities[0, 1]), abs=1e-6)
    assert first["maximum"] == pytest.approx(float(made.values[0].max()))
    assert first["energy"] == pytest.approx(float(np.mean(made.values[0])))
    assert first["picture"] == f"00018_s1_fear_m_{run.id}_fear.png"
    pictures = {file.name for file in out.glob("*.png")}
    assert pictures == {one["picture"] for one in facts}
    with Image.open(out / first["picture"]) as picture:
        assert picture.height > 300


def test_that_filters_choose_samples(msde, run, tmp_path):
    words = ["--expression", "sad", "--condition", "m", "--wrong", "--limit", 2]
    said = msde(*of(run, *words, "--out", tmp_path))
    assert [one["sample"] for one in said["images"]] == [52, 38]
    assert {one["expression"] for one in said["images"]} == {"sad"}


def test_that_an_image_that_has_gone_is_skipped_with_its_reason(msde, tmp_path):
    run = making.run(making.study(tmp_path, subjects=2))
    with Study(run.study_folder) as study:
        gone = study.dataset().samples[2].file
    gone.unlink()
    words = of(run, "--expression", "fear", "--out", tmp_path / "out")
    said = msde(*words)
    assert [one["sample"] for one in said["images"]] == [4, 17, 18]
    assert [(one["sample"], one["file"]) for one in said["skipped"]] == [(3, str(gone))]
    assert "cannot be read" in said["skipped"][0]["reason"]
    only = msde(*of(run, "--sample", 3, "--out", tmp_path / "out"), code=1)
    assert gone.name in only["error"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "--all"),
        (["--sample", "99"], "Sample 99"),
        (["--sample", "1", "--variant", "jet"], "scorecam"),
        (["--sample", "1", "--target", "joy"], "predicted, true, surprise"),
        (["--sample", "1", "--layer", "layer9"], "trunk.layer4"),
        (["--expression", "joy"], "surprise, fear"),
    ],
)
def test_that_a_wrong_word_is_one_sentence_and_writes_nothing(msde, run, tmp_path, words, part):
    sentence = msde(*of(run, *words, "--out", tmp_path / "out"), code=1)["error"]
    assert part in sentence
    assert "\n" not in sentence
    assert not (tmp_path / "out").exists()


def test_that_a_folder_that_cannot_be_written_is_named(msde, run, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    said = msde(*of(run, "--sample", 1, "--out", tmp_path / "file"), code=1)
    assert "file cannot be written" in said["error"]


def test_that_subjects_of_any_name_have_their_pictures(msde, tmp_path):
    study = making.study(tmp_path, subjects=2)
    names = {3: "s" * 3000, 4: "../../up", 17: "=1+1", 18: "é" * 500}
    with sqlite3.connect(study / "study.sqlite") as database:
        database.execute("DELETE FROM settings")  # seals of what was imported
        for number, name in names.items():
            database.execute("UPDATE samples SET subject = ? WHERE id = ?", (name, number))
    database.close()
    run = making.run(study)
    said = msde(*of(run, "--expression", "fear", "--out", tmp_path / "new" / "out"))
    pictures = [one["picture"] for one in said["images"]]
    assert len({*pictures}) == 4
    assert {file.name for file in (tmp_path / "new" / "out").glob("*.png")} == {*pictures}
    assert {one["subject"] for one in said["images"]} == {*names.values()}
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["out"]
    with (tmp_path / "new" / "out" / "heatmaps.csv").open(encoding="utf-8", newline="") as stream:
        assert "'=1+1" in {row["subject"] for row in csv.DictReader(stream)}


def test_that_people_are_told_where_the_heatmaps_are(capsys, run, tmp_path):
    with pytest.raises(SystemExit):
        main([*map(str, of(run, "--sample", 1, "--randomised", "--out", tmp_path))])
    said = capsys.readouterr().out
    assert "Grad-CAM of" in said
    assert "1 heatmap" in said


def test_that_several_runs_are_written_beside_each_other(msde, tmp_path):
    study = making.study(tmp_path, subjects=2)
    whole, half, bare = (making.run(study, finished=folds) for folds in ((0, 1), (0,), ()))
    out, sheet = tmp_path / "out", tmp_path / "out" / "sheet.svg"
    words = [*of(whole)[:2], half.id, bare.id, *of(whole)[2:], "--sample", 3, "--sample", 17]
    said = msde(*words, "--out", out, "--figure", sheet)
    assert [one["run"] for one in said["runs"]] == [whole.id, half.id, bare.id]
    assert [len(one["images"]) for one in said["runs"]] == [2, 1, 0]
    assert "no finished fold" in said["runs"][2]["note"]
    assert read(out / f"{whole.id}.npz").samples.tolist() == [3, 17]
    assert not (out / f"{bare.id}.npz").exists()
    with (out / "heatmaps.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["run"] for row in csv.DictReader(stream)] == [whole.id, whole.id, half.id]
    assert len((out / "faces.txt").read_text(encoding="utf-8").splitlines()) == 2
    text = sheet.read_text(encoding="utf-8")
    for part in (whole.id, half.id, bare.id, "fold 2, held out", "not tested", "finished fold"):
        assert part in text
    only = msde(*of(bare, "--sample", 3, "--out", tmp_path / "no"), code=1)
    assert "no finished fold" in only["error"]
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("words", "part", "code"),
    [
        (["--colours", "pink"], "inferno, viridis, jet", 1),
        (["--scale", "none"], "all, run, image", 1),
        (["--opacity", "2"], "not in the range 0 to 1", 2),
        (["--figure", "a.gif"], ".png, .svg, .pdf", 1),
    ],
)
def test_that_a_wrong_word_about_the_sheet_writes_nothing(msde, run, tmp_path, words, part, code):
    said = msde(*of(run, "--sample", 1, "--out", tmp_path / "out", *words), code=code)
    assert part in said["error"]
    assert not (tmp_path / "out").exists()


def test_that_a_sheet_that_finds_no_room_leaves_nothing(msde, run, tmp_path, monkeypatch):
    def full(self, *_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    out = tmp_path / "out"
    said = msde(*of(run, "--sample", 1, "--out", out, "--figure", out / "a.png"), code=1)
    assert "a.png cannot be written: No space left on device" in said["error"]
    assert list(out.iterdir()) == []
