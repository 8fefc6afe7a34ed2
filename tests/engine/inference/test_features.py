import os

import numpy as np
import pytest
import torch

from engine.data.packing import some
from engine.domain import Failure
from engine.events import Cancelled, Progressed, silent
from engine.experiment.experiment import Training
from engine.inference.features import features, fingerprint
from engine.inference.networks import Networks, load_network
from engine.store.runs import create
from engine.store.study import Study
from engine.training.augmentation import normalise
from tests.engine.embeddings.making import Heard, train, trained_run
from tests.engine.making import experiment, locked


@pytest.fixture
def run(tmp_path):
    return trained_run(tmp_path)


def dataset_of(run):
    with Study(run.study_folder) as study:
        return study.dataset(), study.cache


def test_that_features_are_those_of_the_folds_network(run):
    found = features(run, 1, silent)
    dataset, cache = dataset_of(run)
    pixels = torch.from_numpy(some(dataset, range(len(dataset)), 32, cache))
    with torch.inference_mode():
        expected = load_network(run, 1).features(normalise(pixels)).numpy()
    assert found.samples.tolist() == dataset.ids.tolist()
    assert found.values.shape == (28, 512)
    assert found.values.dtype == np.float32
    assert found.values == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(found.values, features(run, 1, silent, Networks()).values)


@pytest.mark.parametrize("fold", [0, 1])
def test_that_nobody_held_out_was_trained_on(run, fold):
    found = features(run, fold, silent)
    dataset, _ = dataset_of(run)
    chosen = run.protocol.folds[fold]
    assert found.held_out.sum() == 14
    assert not set(dataset.subjects[found.held_out]) & set(chosen.train)
    assert set(dataset.subjects[~found.held_out]) == set(chosen.train)


def test_that_features_are_kept_and_read_again(run):
    first = features(run, 0, silent)
    heard = Heard()
    again = features(run, 0, heard)
    assert not heard.events
    assert np.array_equal(first.values, again.values)
    assert not list(run.fold(0).glob(".*"))


def test_that_a_fold_trained_anew_gets_new_features(run):
    first = features(run, 0, silent)
    train(run, 0, seed=5)
    assert not np.allclose(first.values, features(run, 0, silent).values)


def test_that_damaged_features_are_computed_again(run):
    first = features(run, 0, silent)
    file = run.fold(0) / "features.npz"
    file.write_bytes(file.read_bytes()[:-200])
    assert np.array_equal(first.values, features(run, 0, silent).values)


def test_that_cancelled_leaves_no_features(run):
    heard = Heard(stop=lambda event: event == Progressed("Computing features", 0, 28))
    with pytest.raises(Cancelled):
        features(run, 0, heard)
    assert not list(run.fold(0).glob("*features*"))


def test_that_the_scaling_of_the_run_counts(run):
    training = {"epochs": 1, "batch": 4, "size": 32, "test_scaling": "half"}
    other = create(
        run.folder.parent,
        experiment(last_sample=28, training=Training(**training)),
        run.protocol,
    )
    other.fold(0).mkdir()
    train(other, 0)
    assert not np.allclose(features(run, 0, silent).values, features(other, 0, silent).values)


@pytest.mark.parametrize(
    ("fold", "sentence"),
    [(0, "Fold 1 of run .* is not trained yet: resume"), (7, "has folds 1 to 2, not 8")],
)
def test_that_a_fold_without_a_network_is_named(run, fold, sentence):
    (run.fold(0) / "network.safetensors").unlink()
    with pytest.raises(Failure, match=sentence):
        features(run, fold, silent)


def test_that_weights_that_may_not_be_read_are_named(run):
    file = run.fold(run.protocol.folds[0].number) / "network.safetensors"
    with locked(file), pytest.raises(Failure, match="cannot be read: Permission denied"):
        fingerprint(run, 0)


def test_that_a_pipe_in_place_of_weights_is_not_waited_for(run):
    file = run.fold(0) / "network.safetensors"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(Failure, match="no regular file"):
        fingerprint(run, 0)


def test_that_broken_images_are_left_out_and_nothing_is_kept(run):
    whole = features(run, 0, silent)
    (run.fold(0) / "features.npz").unlink()
    dataset, cache = dataset_of(run)
    for file in cache.glob("pixels-*"):
        file.unlink()
    dataset.samples[3].file.unlink()
    dataset.samples[20].file.write_bytes(dataset.samples[20].file.read_bytes()[:200])
    found = features(run, 0, silent)
    kept = np.delete(np.arange(len(dataset)), [3, 20])
    assert found.samples.tolist() == dataset.ids[kept].tolist()
    assert found.values == pytest.approx(whole.values[kept], abs=1e-5)
    assert found.held_out.tolist() == whole.held_out[kept].tolist()
    assert not (run.fold(0) / "features.npz").exists()


def test_that_without_any_image_left_it_says_where_to_look(run):
    dataset, cache = dataset_of(run)
    for file in (*cache.glob("pixels-*"), *(sample.file for sample in dataset.samples)):
        file.unlink()
    with pytest.raises(Failure, match="msde check"):
        features(run, 0, silent)
