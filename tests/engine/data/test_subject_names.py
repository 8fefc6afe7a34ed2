from pathlib import Path

import pytest

from engine.data.formats.base import Candidate
from engine.data.subject_names import name_subjects
from engine.domain import Condition, Expression, Failure

FOLDER = Path("/faces")


def named(*names, pattern="", subject="", pair=""):
    found = [
        Candidate(FOLDER / name, subject, Expression.HAPPY, Condition.NON_MASKED, pair)
        for name in names
    ]
    candidates, notes = name_subjects(found, FOLDER, pattern)
    return [one.subject for one in candidates], notes


@pytest.mark.parametrize(
    ("shape", "subject"),
    [
        ("{}_Powell_0001.jpg", "{}_Powell"),
        ("{}Roshan_116.jpg", "{}Roshan"),
        ("Jean-{} O'Neill_3.jpg", "Jean-{} O'Neill"),
        ("{}_happy_12.jpg", "{}"),
    ],
)
def test_that_the_name_before_the_last_number_is_the_subject(shape, subject):
    people = ("Anna", "Bert", "Cleo")
    found, notes = named(*(shape.format(one) for one in people))
    assert found == [subject.format(one) for one in people]
    assert "3 subjects from file names" in notes[0]


@pytest.mark.parametrize(
    ("shape", "subject"),
    [
        ("00{}_03.jpg", "00{}"),
        ("S01{}_004_0000019.png", "S01{}"),
        ("1{}-happy.png", "1{}"),
        ("subject_{}_x.png", "subject_{}"),
        ("an0{}_su.png", "an0{}"),
    ],
)
def test_that_a_number_first_in_the_name_is_the_subject(shape, subject):
    found, _ = named(*(shape.format(n) for n in (1, 2, 3)))
    assert found == [subject.format(n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("names", "subjects"),
    [
        (("KA.AN1.39.tiff", "KL.SU2.1.tiff", "KA.NE3.2.tiff", "YM.DI1.7.tiff"), "KA KL KA YM"),
        (("AF01ANS.JPG", "BF01HAHL.JPG", "AM02SAFR.JPG", "AM03NES.JPG"), "F01 F01 M02 M03"),
        (
            ("Rafd045_01_x.jpg", "Rafd090_01_x.jpg", "Rafd045_02_x.jpg", "Rafd000_03_x.jpg"),
            "01 01 02 03",
        ),
    ],
)
def test_that_published_datasets_name_their_subjects(names, subjects):
    assert named(*names)[0] == subjects.split()


@pytest.mark.parametrize(
    "names",
    [
        ("img_001.jpg", "img_002.jpg", "img_003.jpg"),
        ("happy_1.jpg", "sad_2.jpg", "angry_3.jpg", "masked_fear_4.jpg"),
        ("train_00001_aligned.jpg", "test_00001_aligned.jpg", "val_1.jpg"),
        ("1.jpg", "2.jpg", "3.jpg"),
        ("2868588k.jpg", "facial-expressions_2868588k.jpg", "x.jpg"),
        ("Anna_1.jpg", "Anna_2.jpg", "Bert_1.jpg"),
    ],
)
def test_that_counters_and_labels_are_no_subjects(names):
    found, notes = named(*names)
    assert found == [Path(name).stem for name in names]
    assert notes == (f"{len(names)} files without a subject: each counts as one of its own.",)


def test_that_a_known_subject_is_kept():
    found, notes = named("001_1.jpg", "002_1.jpg", "003_1.jpg", subject="Zoe")
    assert found == ["Zoe"] * 3
    assert notes == ("1 subject as the layout tells: “Zoe” in 001_1.jpg (3 files).",)


def shown(shape, people, perhaps=""):
    """The subjects of people who show all seven expressions, and what is told of them."""
    found = [
        Candidate(
            FOLDER / shape.format(p=one, e=expression.title, n=n * 7 + expression),
            "",
            expression,
            Condition.NON_MASKED,
            perhaps=perhaps.format(p=one),
        )
        for n, one in enumerate(people)
        for expression in Expression
    ]
    candidates, notes = name_subjects(found, FOLDER, "")
    return [one.subject for one in candidates], notes


@pytest.mark.parametrize(
    ("shape", "people"),
    [
        ("{p}_{e}_{n}.jpg", ("anna", "ben")),
        ("{e}/{p}_1.jpg", ("anna", "ben")),
        ("{e}/{p}.jpg", ("anna", "ben")),
        ("{e}/{p}.jpg", ("anna", "ben", "cleo")),
        ("{e}/{p}_{e}.jpg", ("anna", "ben", "cleo")),
        ("{e}/{p}.jpg", ("s01", "s02")),
        ("{p}_{n}.jpg", ("001", "002")),
        ("{p}.AN1.{n}.tiff", ("KA", "KL")),
    ],
)
def test_that_two_people_are_two_subjects_and_it_is_told_from_what(shape, people):
    found, notes = shown(shape, people)
    assert found == [one for one in people for _ in Expression]
    assert len(notes) == 1
    assert notes[0].startswith(f"{len(people)} subjects from file names, ")
    assert notes[0].endswith("If these are no people, import with the subject pattern (.+).")


def test_that_two_folders_are_two_people_if_file_names_tell_nobody():
    found, notes = shown("{p}/{e}/{n}.jpg", ("anna", "ben"), "{p}")
    assert found == ["anna"] * 7 + ["ben"] * 7
    assert notes[0].startswith("2 subjects from the folders: “anna” in 0.jpg (14 files).")
    found, notes = shown("{p}/{e}/{p}_{n}.jpg", ("S1", "S2", "S3"), "set")
    assert set(found) == {"S1", "S2", "S3"}


def test_that_a_name_under_one_expression_alone_makes_nobody_of_two():
    pair = [Expression.HAPPY, Expression.SAD]
    found = [
        Candidate(FOLDER / f"{e.title}/{name}_{e.title}.jpg", "", e, Condition.NON_MASKED)
        for name, expressions in (("web", pair), ("stock", pair[:1]))
        for e in expressions
    ]
    assert len({one.subject for one in name_subjects(found, FOLDER, "")[0]}) == 3


def test_that_numbers_under_several_expressions_are_asked_about():
    found, notes = shown("{e}/{p}.jpg", ("001", "002"))
    assert len(set(found)) == 14
    assert notes[1].startswith("2 names such as “001” stand under several expressions: if they")
    assert len(set(shown("{e}/img_{n}.jpg", ("a", "b"))[0])) == 14
    assert len(shown("{e}/img_{n}.jpg", ("a", "b"))[1]) == 1


def test_that_both_of_a_pair_without_a_subject_share_one():
    assert set(named("m/happy/x.jpg", "nm/happy/x.jpg", pair="happy/x")[0]) == {"happy/x"}


@pytest.mark.parametrize("pattern", [r"-(?P<subject>\w+)\.", r"-(\w+)\."])
def test_that_a_pattern_goes_before_all_else(pattern):
    found, _ = named("a-Zoe.1.jpg", "b-Zoe.2.jpg", "c.jpg", pattern=pattern, subject="wrong")
    assert found == ["Zoe", "Zoe", "c"]


@pytest.mark.parametrize(("pattern", "reason"), [("(", "not a regular"), ("a", "no group")])
def test_that_a_bad_pattern_is_named(pattern, reason):
    with pytest.raises(Failure, match=reason):
        named("a.jpg", pattern=pattern)
