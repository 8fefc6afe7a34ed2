import json
import re

import numpy as np
import pytest

from engine.domain import Dataset, Expression, Failure
from engine.experiment.folds import Fold, check, check_training, protocol, split
from engine.store.fold_files import read_folds, write_folds
from tests.engine.making import dataset, of_samples, sample


def skewed():
    """Real collections: a few prolific subjects, rare fear, half of the people never masked."""
    random = np.random.default_rng(0)
    rarity = np.array([0.2, 0.05, 0.1, 0.3, 0.1, 0.1, 0.15])
    samples = []
    for person in range(90):
        for _ in range(int(random.pareto(1.5) * 5) + 3):
            masked = person % 2 and random.random() < 0.4
            expression = random.choice(7, p=rarity)
            samples.append(sample(len(samples) + 1, f"p{person:02}", expression, int(masked)))
    return Dataset("skewed", tuple(samples))


def counts(faces, folds):
    """Held-out samples by fold, expression and condition."""
    of_fold = folds.fold_of()
    tables = []
    for fold in folds.folds:
        held_out = tuple(s for s in faces.samples if of_fold[s.subject] == fold.number)
        tables.append(Dataset("", held_out).counts())
    return np.array(tables)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
@pytest.mark.parametrize("k", [2, 3, 10])
def test_that_everybody_is_tested_once_and_nobody_is_on_both_sides(k, seed):
    faces = skewed()
    folds = split(faces, k, seed)
    assert [fold.number for fold in folds.folds] == list(range(k))
    held_out = [subject for fold in folds.folds for subject in fold.test]
    everyone = set(faces.subjects.tolist())
    assert len(held_out) == len(everyone)
    assert set(held_out) == everyone
    for fold in folds.folds:
        assert set(fold.train) == everyone - set(fold.test)
        assert len(fold.train) == len(set(fold.train))
    check(folds, faces)


def test_that_the_seed_alone_decides_the_folds():
    faces = dataset(20, expressions=[0, 3])
    shuffled = Dataset("other", tuple(reversed(faces.samples)))
    assert split(faces, 5, 7) == split(faces, 5, 7) == split(shuffled, 5, 7)
    assert split(faces, 5, 7).fold_of() != split(faces, 5, 8).fold_of()


def test_that_folds_of_a_full_dataset_differ_by_one_subject_at_most():
    faces = dataset(142)
    table = counts(faces, split(faces, 10, 0))
    assert np.ptp(table, axis=0).max() <= 1


@pytest.mark.parametrize("seed", range(3))
def test_that_folds_of_a_skewed_dataset_stay_even_in_each_cell(seed):
    faces = skewed()
    table = counts(faces, split(faces, 5, seed))
    # Of 195 images a fold. Dealing people blindly leaves ranges of about 140 and 40.
    assert np.ptp(table.sum(axis=(1, 2))) <= 15
    assert np.ptp(table, axis=0).max() <= 6


def test_that_as_many_folds_as_subjects_hold_out_one_each():
    folds = split(dataset(4), 4, 0)
    assert [len(fold.test) for fold in folds.folds] == [1, 1, 1, 1]


@pytest.mark.parametrize("k", [-1, 0, 1])
def test_that_fewer_than_two_folds_are_refused(k):
    with pytest.raises(Failure, match=f"^{k} folds cannot .* choose 2 or more"):
        split(dataset(4), k, 0)


def test_that_fewer_subjects_than_folds_are_refused_with_both_numbers():
    with pytest.raises(Failure, match="5 folds need at least 5 subjects, but “tiny” has 4"):
        split(dataset(4), 5, 0)


def test_that_an_empty_dataset_cannot_be_split():
    with pytest.raises(Failure, match="has 0"):
        split(of_samples(), 2, 0)


def test_that_each_expression_missing_from_training_is_named():
    with pytest.raises(Failure, match=r"^Fold 3 has no training image of fear, anger:"):
        check_training(Fold(2, (), ()), np.array([0, 2, 3, 4, 6]))
    check_training(Fold(2, (), ()), np.array(Expression))


def test_that_exported_folds_are_imported_as_they_were(tmp_path):
    faces = of_samples(*[sample(n, name) for n, name in enumerate(["ä b", "データ", '"', "7"])])
    folds = split(faces, 2, 2**40)
    write_folds(folds, tmp_path / "folds.json")
    assert read_folds(tmp_path / "folds.json") == folds


def test_that_a_fold_file_may_name_subjects_by_number(tmp_path):
    file = tmp_path / "folds.json"
    file.write_text('{"folds": [[1, 2], [3]]}')
    assert read_folds(file) == protocol([["1", "2"], ["3"]], 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "3",
        "null",
        "[[1], [2]]",
        '{"seed": 1}',
        '{"folds": 3}',
        '{"folds": null}',
        '{"folds": "abc"}',
        '{"folds": ["abc", "def"]}',
        '{"folds": {"a": ["b"]}}',
        '{"folds": [[["a"]], [["b"]]]}',
        '{"folds": [[null]]}',
        '{"folds": [["a"], 3]}',
        '{"seed": "x", "folds": []}',
        '{"seed": null, "folds": []}',
        '{"seed": 1e999, "folds": []}',
        '{"seed": NaN, "folds": []}',
        '{"folds": ' + "[" * 200_000,
    ],
    ids=lambda text: text[:30],
)
def test_that_what_is_no_fold_file_is_said_in_one_sentence(tmp_path, text):
    file = tmp_path / "folds.json"
    file.write_text(text)
    with pytest.raises(Failure, match=re.escape(f"{file} is not a fold file: export one")):
        read_folds(file)


def test_that_a_fold_file_in_another_encoding_is_refused(tmp_path):
    file = tmp_path / "folds.json"
    file.write_bytes(json.dumps({"folds": [["é"]]}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(Failure, match="is not a fold file"):
        read_folds(file)


def test_that_a_fold_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Failure, match=r"folds\.json cannot be read: No such file"):
        read_folds(tmp_path / "folds.json")


def test_that_a_subject_in_two_folds_is_named():
    with pytest.raises(Failure, match="“s001” is held out in more than one fold"):
        check(protocol([["s000", "s001"], ["s001"]], 0), dataset(2))


def test_that_a_subject_of_the_study_in_no_fold_is_named():
    with pytest.raises(Failure, match=r"“s001” of the study is in no fold \(2 such subjects\)"):
        check(protocol([["s000"], ["s003"]], 0), dataset(4))


@pytest.mark.parametrize("third", [[], ["stranger"]])
def test_that_a_fold_that_holds_out_nobody_is_named(third):
    with pytest.raises(Failure, match=r"^Fold 3 holds out nobody of the study"):
        check(protocol([["s000"], ["s001"], third], 0), dataset(2))


def test_that_folds_may_name_more_people_than_the_study_has():
    check(protocol([["s000", "stranger"], ["s001"]], 0), dataset(2))


def test_that_a_fold_file_saved_with_a_byte_order_mark_is_read(tmp_path):
    file = tmp_path / "folds.json"
    write_folds(protocol([["a"], ["b"]], 3), file)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_folds(file) == protocol([["a"], ["b"]], 3)


@pytest.mark.parametrize("folds", [[], [["a", "b"]]])
def test_that_a_fold_file_with_fewer_than_two_folds_says_so(tmp_path, folds):
    file = tmp_path / "folds.json"
    file.write_text(json.dumps({"seed": 0, "folds": folds}))
    with pytest.raises(Failure, match=rf"folds\.json has {len(folds)} fold\(s\): list two or more"):
        read_folds(file)
