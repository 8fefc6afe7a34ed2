import os
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from engine.data import inspection
from engine.data.formats.base import ImportOptions
from engine.data.importing import document, inspect, save
from engine.domain import Expression, Failure
from engine.events import Cancelled, silent
from engine.experiment.folds import split
from engine.store.study import Study
from tests.engine.store.hostile_files import endless, pipe, script


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "Tëst データ"
    place.mkdir()
    return place


@pytest.fixture
def study(tmp_path):
    with Study(tmp_path / "Stüdy", create=True) as opened:
        yield opened


def draw(folder, *names):
    """A small image of its own for each name."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        seed = list(name.encode())
        values = np.random.default_rng(seed).integers(0, 256, (12, 10, 3), dtype=np.uint8)
        Image.fromarray(values).save(file)


def reasons(found):
    return {one.file: one.reason for one in found.skipped}


def test_that_an_import_counts_what_it_found(folder):
    draw(folder, "masked/happy/a_1.png", "nm/happy/a_1.png", "nm/sad/b_1.png")
    said = document(inspect(folder, name="faces"))
    assert (said["dataset"], said["format"], said["imported"]) == ("faces", "folders", 3)
    assert (said["subjects"], said["pairs"], said["skipped"]) == (2, 1, [])
    assert said["counts"]["happy"] == {"nm": 1, "m": 1}
    assert said["counts"]["fear"] == {"nm": 0, "m": 0}


def test_that_two_people_in_pairs_are_two_subjects_of_whom_ten_folds_cannot_be_made(folder, study):
    shown = [(e.title, c, who) for e in Expression for c in ("nm", "m") for who in ("anna", "ben")]
    draw(folder, *(f"{condition}/{title}/{who}_1.png" for title, condition, who in shown))
    save(inspect(folder), study)
    dataset = study.dataset()
    assert set(dataset.subjects) == {"anna", "ben"}
    assert len(dataset.pairs()) == 14
    with pytest.raises(Failure, match=r"10 folds need at least 10 subjects, but .* has 2: choose"):
        split(dataset, 10, 0)


@pytest.mark.parametrize("copy", [False, True])
def test_that_a_saved_import_is_in_the_study(folder, study, copy):
    draw(folder, "happy/a.png", "sad/b.png")
    (folder / "sad/bad.png").write_bytes(b"")
    found = inspect(folder, study)
    save(found, study, copy=copy)
    samples = study.dataset(folder.name).samples
    assert [s.sha256 for s in samples] == [image.sha256 for image in found.images]
    assert all(s.file.is_relative_to(study.folder) is copy for s in samples)
    assert study.thumbnails.known() == {s.sha256 for s in samples}
    assert study.skipped() == list(found.skipped)


def test_that_bad_images_are_listed_and_stop_nothing(folder):
    draw(folder, "happy/good.png", "happy/cut.png")
    content = (folder / "happy/cut.png").read_bytes()
    (folder / "happy/cut.png").write_bytes(content[: len(content) // 2])
    (folder / "happy/empty.jpg").touch()
    (folder / "happy/text.jpg").write_text("no image")
    found = inspect(folder)
    assert [image.file.name for image in found.images] == ["good.png"]
    assert set(reasons(found)) == {"happy/cut.png", "happy/empty.jpg", "happy/text.jpg"}


def test_that_one_file_with_two_labels_is_left_out_and_with_one_label_stays_once(folder):
    draw(folder, "a.png", "b.png", "c.png")
    rows = "a.png,happy\na.png,sad\nb.png,fear\nb.png,FEAR\nc.png,anger\n"
    (folder / "t.csv").write_text("path,emotion\n" + rows)
    found = inspect(folder)
    assert [image.file.name for image in found.images] == ["b.png", "c.png"]
    assert [(s.file, s.reason) for s in found.skipped] == [
        ("a.png", "listed twice, as happy and sad"),
        ("a.png", "listed twice, as happy and sad"),
        ("b.png", "listed twice, each time as fear"),
    ]


def test_that_equal_bytes_stay_once_or_not_at_all_if_labels_differ(folder):
    draw(folder, "happy/a.png", "happy/c.png", "sad/e.png")
    shutil.copy(folder / "happy/a.png", folder / "happy/b.png")
    shutil.copy(folder / "happy/c.png", folder / "sad/d.png")
    found = inspect(folder)
    assert [image.file.name for image in found.images] == ["a.png", "e.png"]
    assert reasons(found) == {
        "happy/b.png": "same bytes as happy/a.png",
        "happy/c.png": "same bytes as sad/d.png: labelled happy and sad",
        "sad/d.png": "same bytes as happy/c.png: labelled happy and sad",
    }


def test_that_equal_bytes_in_both_conditions_contradict_each_other(folder):
    draw(folder, "masked/happy/a.png", "masked/sad/b.png")
    (folder / "nm/happy").mkdir(parents=True)
    shutil.copy(folder / "masked/happy/a.png", folder / "nm/happy/a.png")
    found = inspect(folder)
    assert [image.pair for image in found.images] == [""]
    assert "masked happy and non-masked happy" in reasons(found)["nm/happy/a.png"]


def test_that_what_the_study_has_already_is_left_out(folder, study):
    draw(folder, "happy/a.png")
    save(inspect(folder, study), study)
    again = inspect(folder, study)
    assert (again.images, again.name) == ((), f"{folder.name}-2")
    assert "in the study already" in reasons(again)["happy/a.png"]
    with pytest.raises(Failure, match="in the study already"):
        save(again, study)
    draw(folder, "happy/new.png")
    assert [image.file.name for image in inspect(folder, study).images] == ["new.png"]


def test_that_a_study_changed_in_between_is_not_spoilt(folder, study):
    draw(folder, "happy/a.png")
    first, second = inspect(folder, study), inspect(folder, study, name="other")
    save(first, study)
    with pytest.raises(Failure, match="has changed"):
        save(second, study)
    assert len(study.dataset()) == 1


def test_that_a_taken_name_is_refused_and_an_odd_one_made_safe(folder, study):
    draw(folder, "happy/a.png")
    assert inspect(folder, study, name="../a:b").name == "a-b"
    save(inspect(folder, study, name="x"), study)
    with pytest.raises(Failure, match="“x” already"):
        inspect(folder, study, name="x")


def test_that_a_subject_once_in_each_condition_makes_a_pair(folder):
    table = ["path,expression,subject,condition"]
    for number, row in enumerate(
        ("happy,A,m", "happy,A,nm", "sad,A,m", "sad,B,nm", "fear,C,m", "fear,C,m", "fear,C,nm")
    ):
        draw(folder, f"{number}.png")
        table.append(f"{number}.png,{row}")
    (folder / "t.csv").write_text("\n".join(table))
    found = inspect(folder, name="set")
    assert [image.pair for image in found.images] == ["set:A/happy"] * 2 + [""] * 5
    assert found.pairs == 1


def test_that_a_named_pair_lies_within_a_subject_and_an_expression(folder):
    table = ["path,expression,subject,condition,pair"]
    rows = ("fear,A,m,1", "fear,A,nm,1", "fear,A,m,2", "fear,A,nm,2", "fear,B,m,1", "sad,B,nm,1")
    for number, row in enumerate(rows):
        draw(folder, f"{number}.png")
        table.append(f"{number}.png,{row}")
    (folder / "t.csv").write_text("\n".join(table))
    pairs = [image.pair for image in inspect(folder, name="set").images]
    assert pairs == ["set:A/fear/1"] * 2 + ["set:A/fear/2"] * 2 + [""] * 2


def test_that_half_a_pair_is_no_pair(folder):
    draw(folder, "MSD-E/1_3_x.png", "MSD-E/2_3_x.png", "MSD-ME/2_3_x.png")
    (folder / "MSD-ME/1_3_x.png").write_bytes(b"no image")
    found = inspect(folder)
    assert found.format == "msde"
    assert [bool(image.pair) for image in found.images] == [False, True, True]


def test_that_subjects_may_come_from_a_pattern(folder):
    draw(folder, "happy/x-Zoe-1.png", "sad/y-Zoe-2.png")
    found = inspect(folder, options=ImportOptions(subject_pattern=r"-(\w+)-"))
    assert {image.subject for image in found.images} == {"Zoe"}


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "text", "plain"])
def test_that_a_folder_without_faces_is_refused_by_name(folder, kind):
    place = folder / kind
    if kind == "file":
        place.touch()
    elif kind != "missing":
        place.mkdir()
    if kind == "text":
        (place / "x.txt").write_text("happy")
    if kind == "plain":
        draw(place, "x.png")
    expected = {"missing": "no folder", "file": "is a file", "plain": "no layout"}
    with pytest.raises(Failure, match=f"{kind}.*") as caught:
        inspect(place)
    assert expected.get(kind, "holds no images") in str(caught.value)


def test_that_a_table_with_unknown_columns_is_named_by_its_columns(folder):
    draw(folder, "a.png")
    (folder / "t.csv").write_text("Bild,Ausdruck\na.png,happy\n")
    with pytest.raises(Failure, match="its columns are Bild, Ausdruck"):
        inspect(folder)


def test_that_class_folders_win_over_a_stray_table(folder):
    draw(folder, "happy/a.png")
    (folder / "notes.csv").write_text("who,what\nme,nothing\n")
    assert inspect(folder).format == "folders"


def test_that_nothing_readable_at_all_is_refused(folder):
    (folder / "happy").mkdir()
    (folder / "happy/a.png").touch()
    with pytest.raises(Failure, match=r"None of the 1 files.*happy/a\.png: is empty"):
        inspect(folder)


def test_that_an_unknown_layout_is_answered_with_those_there_are(folder):
    draw(folder, "happy/a.png")
    with pytest.raises(Failure, match="choose one of folders, msde, table"):
        inspect(folder, format="zip")


def test_that_processes_and_one_process_read_the_same(folder, monkeypatch):
    draw(folder, *(f"{n}.png" for n in range(40)))
    (folder / "7.png").touch()
    files = sorted(folder.iterdir())
    alone = inspection.read_all(files, silent, workers=1)
    monkeypatch.setattr(inspection, "_WORTH_PROCESSES", 0)
    seen = []
    assert inspection.read_all(files, seen.append, workers=2) == alone
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 40, 40)


@pytest.mark.parametrize("workers", [1, 2])
def test_that_reading_can_be_cancelled(folder, monkeypatch, workers):
    draw(folder, *(f"{n}.png" for n in range(40)))
    monkeypatch.setattr(inspection, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(inspection, "_PAUSE", 0.0)

    def report(event):
        if event.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        inspection.read_all(sorted(folder.iterdir()), report, workers)


def test_that_a_file_listed_with_a_label_of_no_use_is_left_out_whole(tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "b.png")
    rows = "image,emotion\na.png,contempt\na.png,happy\nb.png,sad\n"
    (tmp_path / "list.csv").write_text(rows, encoding="utf-8")
    found = inspect(tmp_path)
    assert [image.file.name for image in found.images] == ["b.png"]
    assert [one.file for one in found.skipped] == ["a.png", "a.png"]


@pytest.mark.parametrize("make", [pipe, endless, script])
def test_that_what_never_ends_is_left_out_of_an_import(folder, make):
    make(folder / "happy" / "x.jpg")
    draw(folder, "happy/y.jpg")
    found = inspect(folder)
    assert [image.file.name for image in found.images] == ["y.jpg"]
    assert [one.file for one in found.skipped] == ["happy/x.jpg"]


def test_that_a_table_that_never_ends_is_no_table(folder):
    pipe(folder / "labels.csv")
    draw(folder, "happy/y.jpg")
    assert inspect(folder).format == "folders"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_that_a_name_that_is_no_text_is_left_out_and_told(folder, study):
    draw(folder, "happy/y.jpg", "happy/z.jpg")
    (folder / "happy" / "z.jpg").rename(os.fsdecode(os.fsencode(folder) + b"/happy/\xff.jpg"))
    save(inspect(folder, study), study)
    assert [sample.file.name for sample in study.dataset().samples] == ["y.jpg"]
    assert [(one.file, one.reason) for one in study.skipped()] == [
        ("happy/\\udcff.jpg", "its path is not UTF-8: rename it")
    ]
