import pytest

from engine.data.formats.base import ImportOptions
from engine.data.formats.folders import Folders
from engine.domain import Condition, Expression


def read(folder, **options):
    return Folders().read(folder, ImportOptions(**options))


@pytest.mark.parametrize(
    ("name", "title", "condition"),
    [
        ("happy/S01_a.jpg", "happy", "nm"),
        ("S01/masked/Happiness/x.png", "happy", "m"),
        ("train/angry/7.JPG", "anger", "nm"),
        ("smiling_front/001_03.jpg", "happy", "nm"),
        ("Surprise/without_mask/x.webp", "surprise", "nm"),
        ("masked_sad/x.bmp", "sad", "m"),
        ("fear/S01_masked.png", "fear", "m"),
        ("SU/x.png", "surprise", "nm"),
        ("masked/happy/no_mask/x.png", "happy", "nm"),
        ("no_mask/happy/masked/x.png", "happy", "m"),
    ],
)
def test_that_folder_names_tell_expression_and_condition(tree, name, title, condition):
    folder = tree(name)
    assert Folders().recognises(folder)
    (one,) = read(folder).candidates
    assert (one.expression.title, one.condition.short) == (title, condition)


def test_that_numbered_class_folders_are_not_guessed(tree):
    assert not Folders().recognises(tree("0/a.jpg", "1/b.jpg"))


def test_that_other_files_are_ignored(tree):
    folder = tree("happy/a.jpg", "happy/a.tem", "LICENSE.md", ".thumbs/sad/x.jpg")
    reading = read(folder)
    assert len(reading.candidates) == 1
    assert not reading.skipped


def test_that_an_unknown_class_is_skipped_with_its_name(tree):
    reading = read(tree("happy/a.jpg", "sad/b.jpg", "contempt/c.jpg", "d.jpg"))
    assert len(reading.candidates) == 2
    assert {(s.file, s.reason) for s in reading.skipped} == {
        ("contempt/c.jpg", "“contempt” is not one of the seven expressions"),
        ("d.jpg", "no folder in its path names one of the seven expressions"),
    }


def test_that_a_path_with_two_expressions_is_skipped(tree):
    reading = read(tree("happy/a.jpg", "sad_or_angry/b.jpg"))
    assert [one.file for one in reading.skipped] == ["sad_or_angry/b.jpg"]
    assert "names both" in reading.skipped[0].reason


@pytest.mark.parametrize(
    "shape", ["{s}/happy/x.png", "happy/{s}/x.png", "train/{s}/masked/sad/x.png"]
)
def test_that_a_level_that_is_nothing_else_names_the_subject(tree, shape):
    reading = read(tree(*(shape.format(s=f"S0{n}") for n in range(4))))
    assert sorted(one.subject for one in reading.candidates) == ["S00", "S01", "S02", "S03"]


def test_that_a_subject_may_share_its_folder_with_the_condition(tree):
    reading = read(
        tree(*(f"S0{n}_{c}/happy/x.png" for n in range(3) for c in ("masked", "nomask")))
    )
    assert {one.subject for one in reading.candidates} == {"S00", "S01", "S02"}
    assert len({one.pair for one in reading.candidates}) == 3


@pytest.mark.parametrize(
    "shape", ["{n}_happy/x.png", "train/front/happy/{n}.png", "faces/happy/{n}.png"]
)
def test_that_places_and_counters_are_no_subjects(tree, shape):
    reading = read(tree(*(shape.format(n=n) for n in range(4))))
    assert {one.subject for one in reading.candidates} == {""}


def test_that_paths_that_differ_only_in_the_condition_are_pairs(tree):
    reading = read(tree("masked/happy/a.jpg", "non-masked/happy/a.jpg", "masked/happy/b.jpg"))
    pairs = {one.file.name + one.condition.short: one.pair for one in reading.candidates}
    assert pairs["a.jpgnm"] == pairs["a.jpgm"] != ""
    assert pairs["b.jpgm"] == ""
    assert "1 pair" in reading.notes[0]


def test_that_m_alone_means_masked_only_beside_nm(tree):
    by_gender = read(tree("M/happy/a.jpg", "F/happy/b.jpg"))
    assert {one.condition for one in by_gender.candidates} == {Condition.NON_MASKED}
    by_mask = read(tree("NM/happy/c.jpg"))
    assert {one.condition for one in by_mask.candidates} == set(Condition)


def test_that_the_condition_may_be_said_where_nothing_tells_it(tree):
    (one,) = read(tree("fear/a.jpg"), default_condition=Condition.MASKED).candidates
    assert (one.expression, one.condition) == (Expression.FEAR, Condition.MASKED)
