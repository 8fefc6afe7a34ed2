import pytest

from engine.domain import Condition
from engine.experiment.fold_rows import held_out_rows, training_rows
from engine.experiment.folds import protocol
from tests.engine.making import dataset, of_samples, sample


@pytest.fixture
def faces():
    return dataset(3, expressions=[0, 3])


@pytest.fixture
def fold():
    return protocol([["s000"], ["s001"], ["s002"]], 0).folds[1]


@pytest.mark.parametrize(("train", "each"), [("nm", [0]), ("m", [1]), ("mix", [0, 1])])
def test_that_the_training_side_has_only_its_conditions_and_subjects(faces, fold, train, each):
    rows = training_rows(faces, fold, train)
    assert rows.shape == (len(each) * 4, 1)
    assert set(faces.conditions[rows[:, 0]]) == set(each)
    assert set(faces.subjects[rows[:, 0]]) == {"s000", "s002"}


def test_that_pairs_give_the_non_masked_and_the_masked_row(faces, fold):
    rows = training_rows(faces, fold, "pairs")
    assert rows.shape == (4, 2)
    assert (faces.conditions[rows] == list(Condition)).all()
    assert (faces.subjects[rows[:, 0]] == faces.subjects[rows[:, 1]]).all()
    assert (faces.expressions[rows[:, 0]] == faces.expressions[rows[:, 1]]).all()
    assert "s001" not in faces.subjects[rows]


def test_that_held_out_subjects_are_tested_in_both_conditions(faces, fold):
    rows = held_out_rows(faces, fold)
    assert set(faces.subjects[rows]) == {"s001"}
    assert sorted(faces.conditions[rows]) == [0, 0, 1, 1]


@pytest.mark.parametrize("train", ["nm", "m", "mix", "pairs"])
def test_that_the_sides_share_no_row(faces, fold, train):
    rows = training_rows(faces, fold, train)
    assert not set(rows.ravel()) & set(held_out_rows(faces, fold))


def test_that_without_pairs_the_training_side_is_empty(fold):
    rows = training_rows(of_samples(sample(1, "s000"), sample(2, "s001")), fold, "pairs")
    assert rows.shape == (0, 2)


def test_that_pairs_are_those_whose_two_labels_agree(fold):
    agreeing = [sample(1, "s000", 2, 0, "a"), sample(2, "s000", 2, 1, "a")]
    others = [sample(3, "s000", 4, 0, "b"), sample(4, "s000", 1, 1, "b"), sample(5, "s000")]
    rows = training_rows(of_samples(*others, *agreeing), fold, "pairs")
    assert rows.tolist() == [[3, 4]]
