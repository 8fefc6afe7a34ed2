import csv
import errno
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from engine.data import label_words
from engine.data import sample_study as sample
from engine.domain import Condition, Expression, Failure
from engine.events import Cancelled, Progressed
from engine.store.study import Study
from engine.system import resources
from tests.engine import making
from tests.engine.making import sample_study

ROOT = Path(__file__).parents[3]
MEGABYTE = 1_000_000


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = sample_study(tmp_path / "shipped")
    monkeypatch.setattr(sample, "find_shipped", lambda: folder)
    return folder


@pytest.fixture
def target(tmp_path):
    return tmp_path / "Tëst データ" / "my study"


def files(folder):
    return {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}


def test_that_a_copy_is_a_study_of_its_own(shipped, target):
    before = files(shipped)
    found = sample.copy(target)
    assert (found.name, found.format, found.subjects, found.pairs) == (sample.NAME, "table", 2, 15)
    with Study(target) as study:
        samples = study.dataset(sample.NAME).samples
        assert study.skipped() == []
    assert len(samples) == 30
    assert all(one.file.is_relative_to(target) and one.file.is_file() for one in samples)
    assert files(shipped) == before
    assert list(target.parent.iterdir()) == [target]


def test_that_a_subject_keeps_two_pairs_of_one_expression(shipped, target):
    sample.copy(target)
    with Study(target) as study:
        dataset = study.dataset()
    afraid = [s for s in dataset.samples if (s.subject, s.expression) == ("S001", Expression.FEAR)]
    assert Counter(one.pair for one in afraid) == dict.fromkeys({one.pair for one in afraid}, 2)
    assert len(afraid) == 4
    assert len(dataset.pairs()) == 15


def test_that_a_copy_can_be_moved(shipped, target):
    sample.copy(target)
    moved = target.rename(target.with_name("elsewhere"))
    with Study(moved) as study:
        assert all(one.file.is_file() for one in study.dataset().samples)
        assert [source.folder for source in study.sources()] == [str(moved)]


def test_that_region_map_and_labels_of_a_sample_are_found(shipped, target):
    sample.copy(target)
    with Study(target) as study:
        one = next(s for s in study.dataset().samples if s.file.stem == "S002_sad_m")
    assert sample.region_map(one) == target / "regions/S002_sad_m.png"
    assert sample.truth(one)["mask"] == "surgical"
    assert sample.truth(one)["file"] == "faces/S002_sad_m.jpg"


def test_that_other_samples_have_neither_region_map_nor_labels(tmp_path):
    other = making.sample(1)
    assert sample.region_map(other) is None
    assert sample.truth(other) == {}


def test_that_an_empty_folder_may_be_given_and_a_full_one_may_not(shipped, target):
    target.mkdir(parents=True)
    sample.copy(target)
    with pytest.raises(Failure, match="my study is not empty: choose a new folder"):
        sample.copy(target)
    for place in ("labels.csv", "labels.csv/within"):
        with pytest.raises(Failure, match=r"labels\.csv is a file: choose"):
            sample.copy(target / place)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), sqlite3.OperationalError("disk is full")],
)
def test_that_a_full_disk_is_one_sentence_and_leaves_nothing(shipped, target, monkeypatch, error):
    def full(found, study):
        raise error

    monkeypatch.setattr(sample, "save", full)
    with pytest.raises(Failure, match=f"{error.args[-1]}.*Nothing is left there"):
        sample.copy(target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("step", ["Copying images", "Reading images"])
def test_that_an_interrupted_copy_leaves_nothing(shipped, target, step):
    def stop(event):
        if isinstance(event, Progressed) and event.step == step and event.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        sample.copy(target, stop)
    assert list(target.parent.iterdir()) == []


def test_that_what_a_killed_copy_left_is_swept_and_a_living_one_is_let_be(shipped, target):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for number in (gone.pid, os.getppid()):
        target.with_name(f".my study.{number}.draft").mkdir(parents=True)
    sample.copy(target)
    left = {target, target.with_name(f".my study.{os.getppid()}.draft")}
    assert set(target.parent.iterdir()) == left


def test_that_an_installation_without_the_sample_says_so(monkeypatch, target):
    monkeypatch.setattr(sample, "find_shipped", lambda: None)
    with pytest.raises(Failure, match="not part of this installation"):
        sample.copy(target)


def test_that_it_is_found_in_a_checkout_and_in_an_installed_package(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "site/engine")
    assert sample.find_shipped() is None
    for place in ("site/engine/resources/sample", "site/resources/sample"):
        sample_study(tmp_path / place, subjects=1)
        assert sample.find_shipped() == tmp_path / place


@pytest.fixture(scope="module")
def rows():
    with (ROOT / "resources/sample/labels.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_that_the_shipped_sample_mirrors_the_paper(rows):
    assert sample.find_shipped() == ROOT / "resources/sample"
    assert len(rows) == len({row["file"] for row in rows}) == 2014
    assert len({row["subject"] for row in rows}) == 142
    pairs = Counter((row["pair"], row["subject"], row["expression"], row["set"]) for row in rows)
    assert len(pairs) == len({pair for pair, *_ in pairs}) == 1007
    assert set(pairs.values()) == {2}
    assert len({(row["pair"], row["condition"]) for row in rows}) == 2014
    cells = {(row["subject"], label_words.expression(row["expression"])) for row in rows}
    assert len(cells) == 142 * len(Expression)
    assert {row["condition"] for row in rows} == {condition.title for condition in Condition}
    assert Counter(row["set"] for row in rows) == {"main": 1988, "extra": 26}


def test_that_every_shipped_image_is_whole_and_has_a_region_map_of_its_size(rows):
    folder = ROOT / "resources/sample"
    for row in rows:
        with Image.open(folder / row["file"]) as image:
            image.load()
            assert min(image.size) >= 128, row["file"]
        with Image.open(folder / f"regions/{Path(row['file']).stem}.png") as regions:
            regions.load()
            assert (regions.mode, regions.size) == ("P", image.size), row["file"]


def test_that_the_shipped_sample_is_small_and_nothing_else_lies_in_it(rows):
    folder = ROOT / "resources/sample"
    stems = {Path(row["file"]).stem for row in rows}
    images = {f"faces/{stem}.jpg" for stem in stems} | {f"regions/{stem}.png" for stem in stems}
    found = {file.as_posix() for file in files(folder)}
    assert found == images | {"README.md", "labels.csv"}
    assert sum(file.stat().st_size for file in folder.rglob("*.*")) <= 16 * MEGABYTE
