import csv
import json

import numpy as np
import pytest

from engine import cli
from engine.attention import cache, measure
from engine.domain import Condition, Expression
from tests.engine.faces import making


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Tëst データ") / "study"
    with making.rendered(folder, 6, (Expression.HAPPY,)) as study:
        for method in ("baseline", "contrastive"):
            making.finished(study, method)
    return folder


@pytest.fixture
def msde(study, monkeypatch, capsys):
    def heatmaps(run, samples, asked, report):
        random = np.random.default_rng([len(run.id), asked.randomised])
        return making.maps(samples, random.random((len(samples), 4, 4)).astype(np.float32))

    def run(*words, code=0):
        with pytest.raises(SystemExit) as ended:
            cli.main(["attention", *map(str, words), "--study", str(study), "--progress", "none"])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.out if code == 0 else said.err

    for module in (measure, cache):
        monkeypatch.setattr(module, "heatmaps", heatmaps)
    return run


def test_that_the_table_the_tests_and_the_claim_are_shown(msde):
    said = " ".join(msde(1, 2).split())
    for part in (
        "Share of map energy in %", "forehead", "001−002 m", "On masked faces CL",
        "12 images (12 with exact regions, 0 by landmarks); 0 left out.", "maps of 4×4 cells",
    ):  # fmt: skip
        assert part in said


def test_that_json_has_all_of_it_and_the_file_every_image(msde, tmp_path):
    file = tmp_path / "shares.csv"
    said = json.loads(msde(1, 2, "--json", "--sanity", "--out", file))
    assert list(said["runs"]) == ["001-baseline-pairs", "002-contrastive-pairs"]
    assert said["images"] == 12
    assert len(said["claims"]) == 2
    assert {test["condition"] for test in said["tests"]} == {"nm", "m"}
    assert said["runs"]["001-baseline-pairs"]["sanity"]["images"] == 12
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 24
    for row in rows:
        assert sum(float(row[name]) for name in said["regions"]) == pytest.approx(1)
        assert sum(float(row[f"area_{name}"]) for name in said["regions"]) == pytest.approx(1)


def test_that_the_figure_is_drawn_as_asked(msde, tmp_path):
    file = tmp_path / "attention.svg"
    msde(1, 2, "--figure", file, "--dense", "--faces", "nm")
    text = file.read_text(encoding="utf-8")
    for part in ("002-contrastive-pairs", "energy ÷ area", "average non-masked faces", "12 faces"):
        assert part in text
    assert ".png, .svg, .pdf" in msde(1, "--figure", tmp_path / "a.gif", code=1)


def test_that_a_second_command_computes_no_heatmaps(msde, monkeypatch):
    first = msde(1, 2, "--json", "--sanity")
    for module in (cache, measure):
        monkeypatch.delattr(module, "heatmaps")
    assert msde(1, 2, "--json", "--sanity") == first
    assert json.loads(msde(2, "--json", "--condition", "m"))["images"] == 6


@pytest.mark.parametrize("condition", Condition, ids=lambda c: c.short)
def test_that_one_condition_can_be_asked_for(msde, condition):
    said = json.loads(msde(1, "--condition", condition.short, "--json"))
    assert list(said["area"]) == [condition.short]
    assert said["images"] == 6
    assert said["tests"] == said["claims"] == []


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((9,), "There is no run “9”"),
        ((1, "--variant", "lime"), "lime"),
        ((1, "--target", "joy"), "joy"),
        ((1, "--expression", "joy"), "There is no image of that kind"),
        ((1, "--out", "/nowhere/at/all.csv"), "/nowhere/at/all.csv"),
    ],
)
def test_that_a_wrong_word_is_named_in_one_sentence(msde, words, part):
    said = msde(*words, code=1)
    assert part in said
    assert said.count("\n") == 1
