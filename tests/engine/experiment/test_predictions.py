import numpy as np
import pytest

from engine.domain import Failure
from engine.experiment.predictions import pool
from engine.store.prediction_files import read, write
from tests.engine.making import predictions


def same(one, other):
    return all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))


def test_that_predictions_are_read_as_they_were_written(tmp_path):
    said = predictions((5, 9, 2), fold=1)
    write(said, tmp_path / "データ.npz")
    kept = read(tmp_path / "データ.npz")
    assert same(kept, said)
    assert kept.probabilities.dtype == np.float32


def test_that_the_predicted_expression_is_the_most_probable():
    said = predictions((1, 2))
    said.probabilities[1] = [0, 0, 0, 0.4, 0, 0.6, 0]
    assert said.predicted.tolist() == [0, 5]


def test_that_where_keeps_the_columns_aligned():
    said = pool([predictions((1, 2), fold=0), predictions((3,), fold=1)])
    later = said.where(said.folds == 1)
    assert len(later) == 1
    assert same(later, predictions((3,), fold=1))


def test_that_pooled_folds_are_in_the_order_of_the_sample_ids():
    pooled = pool([predictions((5, 2), fold=0), predictions((9, 1), fold=1)])
    assert pooled.samples.tolist() == [1, 2, 5, 9]
    assert pooled.folds.tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:300] + b"\xff\x0f" + content[302:],
        lambda content: b"sample,probability",
    ],
    ids=["empty", "cut short", "other bits", "text"],
)
def test_that_a_damaged_file_is_named(tmp_path, damage):
    file = tmp_path / "predictions.npz"
    write(predictions(), file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(Failure, match=r"predictions\.npz are damaged: run that fold again"):
        read(file)


def test_that_a_lone_array_is_no_predictions(tmp_path):
    with (tmp_path / "predictions.npz").open("wb") as stream:
        np.save(stream, np.arange(3))
    with pytest.raises(Failure, match="are damaged"):
        read(tmp_path / "predictions.npz")


def test_that_a_file_with_a_column_missing_is_named(tmp_path):
    file = tmp_path / "predictions.npz"
    np.savez(file, samples=np.arange(3))
    with pytest.raises(Failure, match="are damaged"):
        read(file)


def test_that_pickled_content_is_never_loaded(tmp_path):
    file = tmp_path / "predictions.npz"
    columns = dict.fromkeys(vars(predictions()), np.array([{"a": print}], dtype=object))
    np.savez(file, **columns)
    with pytest.raises(Failure, match="are damaged"):
        read(file)
