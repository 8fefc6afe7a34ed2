"""What former, today's and later versions of the program write."""

import json
import re

import numpy as np
import pytest

from engine.data import near_duplicates
from engine.domain import Failure
from engine.embeddings import embedding
from engine.evaluation.run_scores import load_scores, score_run
from engine.evaluation.scores import plain
from engine.explanation import heatmap
from engine.inference.features import _load_kept as load_features
from engine.store import prediction_files
from engine.store.cache_files import look_alikes_file
from engine.store.columns import Column, load_columns, save_columns
from engine.store.files import FORMAT, write_document
from engine.store.fold_files import read_folds
from engine.store.runs import Run
from tests.engine import making

DECLARED = {"ids": Column("<i8")}


@pytest.fixture
def run(tmp_path):
    """Finished, in a study."""
    study = making.study(tmp_path, making.faces(tmp_path))
    made = making.run(tmp_path)
    making.finish(made, 0, 1)
    write_document(made.scores_file, plain(score_run(made, study.dataset())))
    study.close()
    return made


def say(file, **changes):
    """The document with some values of its own; None takes one away."""
    document = json.loads(file.read_text("utf-8")) | changes
    kept = {key: value for key, value in document.items() if value is not None}
    file.write_text(json.dumps(kept), "utf-8")


def refused(file):
    sentence = f"{file} was made by a newer version of MSD-E Studio: install it."
    return pytest.raises(Failure, match=re.escape(sentence))


@pytest.mark.parametrize("name", ["experiment_file", "folds_file", "scores_file"])
def test_that_documents_tell_their_format_and_those_that_do_not_are_the_first(run, name):
    file = getattr(run, name)
    before = run.experiment, run.protocol, load_scores(run)
    assert json.loads(file.read_text("utf-8"))["format"] == FORMAT == 1
    say(file, format=None)
    again = Run(run.folder)
    assert (again.experiment, again.protocol, load_scores(again)) == before
    assert before[2]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("experiment_file", lambda run: run.experiment),
        ("folds_file", lambda run: run.protocol),
        ("folds_file", lambda run: read_folds(run.folds_file)),
        ("scores_file", load_scores),
    ],
)
def test_that_a_document_of_a_newer_version_is_said_to_be_one(run, name, read):
    file = getattr(run, name)
    say(file, format=FORMAT + 1)
    with refused(file):
        read(Run(run.folder))
    file.write_text(json.dumps({"format": FORMAT + 1, "others": []}), "utf-8")
    with refused(file):
        read(Run(run.folder))


def test_that_columns_tell_their_format_and_those_that_do_not_are_the_first(tmp_path):
    save_columns(tmp_path / "a.npz", {"ids": np.arange(3)})
    with np.load(tmp_path / "a.npz") as kept:
        assert kept["format"] == FORMAT
    np.savez(tmp_path / "b.npz", ids=np.arange(3))
    for name in ("a.npz", "b.npz"):
        found = load_columns(tmp_path / name, DECLARED)
        assert {name: ids.tolist() for name, ids in found.items()} == {"ids": [0, 1, 2]}


def test_that_columns_whose_format_is_no_number_are_damaged(tmp_path):
    np.savez(tmp_path / "a.npz", ids=np.arange(3), format="x")
    with pytest.raises(Failure, match="is damaged"):
        load_columns(tmp_path / "a.npz", DECLARED)


@pytest.mark.parametrize(
    "read",
    [
        prediction_files.read,
        heatmap.read,
        embedding.read,
        lambda file: load_features(file, making.dataset(), ""),
        lambda file: load_columns(file, DECLARED),
    ],
)
def test_that_columns_of_a_newer_version_are_said_to_be_so_by_whoever_reads_them(tmp_path, read):
    file = tmp_path / "a.npz"
    np.savez(file, ids="otherwise", format=FORMAT + 1)
    with refused(file):
        read(file)


def test_that_a_cache_of_a_newer_version_is_not_written_over(tmp_path):
    with making.study(tmp_path, making.faces(tmp_path)) as study:
        file = look_alikes_file(study.cache, study.dataset().fingerprint)
        np.savez(file, format=FORMAT + 1)
        with refused(file):
            near_duplicates.recall(study, study.dataset())
