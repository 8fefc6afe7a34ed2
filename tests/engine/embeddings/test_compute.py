import sqlite3
from contextlib import closing
from dataclasses import fields

import numpy as np
import pytest

from engine.domain import Failure
from engine.embeddings.algorithms.base import embedding
from engine.embeddings.alignment import similarity
from engine.embeddings.compute import embed, list_left_out
from engine.embeddings.embedding import Embedded
from engine.embeddings.quality import structure
from engine.events import Cancelled, silent
from engine.inference.features import features
from engine.store.study import Study
from tests.engine.embeddings.making import Heard, train, trained_run

TSNE = {"perplexity": 5, "exaggerated": 40, "iterations": 60}


@pytest.fixture
def run(tmp_path):
    return trained_run(tmp_path)


def stored(run, fold=0):
    return sorted((run.fold(fold) / "embeddings").glob("*"))


def same(a, b):
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name)) for field in fields(a)
    )


def test_that_a_picture_says_what_it_is_of(run):
    picture = embed(run, 1, "tsne", 3, TSNE, silent)
    with Study(run.study_folder) as study:
        dataset = study.dataset()
    assert (picture.run, picture.fold, picture.embedding, picture.seed) == (run.id, 1, "tsne", 3)
    assert picture.settings == TSNE
    assert picture.version.startswith("openTSNE ")
    assert picture.samples.tolist() == dataset.ids.tolist()
    assert picture.points.shape == (28, 2)
    assert set(dataset.subjects[picture.held_out]) == {"s1"}
    assert (picture.measures.samples, picture.measures.pairs) == (14, 7)
    assert 0 <= picture.measures.features.purity <= 1
    assert -1 <= picture.measures.picture.silhouette <= 1
    assert picture.measures.picture.pair_distance > 0


def test_that_only_people_the_network_never_saw_are_measured(run):
    picture = embed(run, 1, "pca", 0, {}, silent)
    found = features(run, 1, silent)
    with Study(run.study_folder) as study:
        dataset = study.dataset()
    rows = np.flatnonzero(dataset.subjects == "s1")
    place = {row: number for number, row in enumerate(rows.tolist())}
    pairs = np.array([[place[a], place[b]] for a, b in dataset.pairs().tolist() if a in place])
    for values, told in (
        (found.values, picture.measures.features),
        (picture.points, picture.measures.picture),
    ):
        assert told == structure(values[rows], dataset.expressions[rows], pairs)


def test_that_other_labels_are_measured_anew(run):
    first = embed(run, 0, "pca", 0, {}, silent)
    with closing(sqlite3.connect(run.study_folder / "study.sqlite")) as study, study:
        study.execute("DELETE FROM settings")  # seals of what was imported
        study.execute("UPDATE samples SET expression = (expression + id) % 7")
    second = embed(run, 0, "pca", 0, {}, silent)
    assert np.array_equal(second.points, first.points)
    assert second.measures.features != first.measures.features


def test_that_a_picture_is_read_again_without_a_word(run):
    first = embed(run, 0, "tsne", 0, TSNE, silent)
    heard = Heard()
    assert same(first, embed(run, 0, "tsne", 0, {"perplexity": "5", **TSNE}, heard))
    assert not heard.events
    assert len(stored(run)) == 1
    embed(run, 0, "tsne", 1, TSNE, silent)
    embed(run, 0, "pca", 0, {}, silent)
    assert len(stored(run)) == 3


def test_that_points_found_in_another_way_are_another_picture(run, monkeypatch):
    embed(run, 0, "tsne", 0, TSNE, silent)
    monkeypatch.setattr(embedding("tsne"), "revision", 99)
    heard = Heard()
    embed(run, 0, "tsne", 0, TSNE, heard)
    assert heard.of(Embedded)
    assert len(stored(run)) == 2


def test_that_a_damaged_picture_is_made_again_alike(run):
    first = embed(run, 0, "tsne", 0, TSNE, silent)
    stored(run)[0].write_bytes(stored(run)[0].read_bytes()[:-100])
    heard = Heard()
    assert same(first, embed(run, 0, "tsne", 0, TSNE, heard))
    assert heard.of(Embedded)


def test_that_a_fold_trained_anew_gets_a_new_picture(run):
    first = embed(run, 0, "pca", 0, {}, silent)
    train(run, 0, seed=9)
    assert not np.array_equal(first.points, embed(run, 0, "pca", 0, {}, silent).points)
    assert len(stored(run)) == 1


def test_that_frames_are_heard_and_cancelled_leaves_no_picture(run):
    heard = Heard(stop=lambda event: isinstance(event, Embedded) and event.step >= 40)
    with pytest.raises(Cancelled):
        embed(run, 0, "tsne", 0, TSNE, heard)
    assert [frame.step for frame in heard.of(Embedded)] == [20, 40]
    assert not stored(run)


def test_that_a_second_run_starts_where_the_first_did_and_lies_on_it(run, tmp_path):
    other = trained_run(tmp_path, seed=4)
    first = embed(run, 0, "tsne", 0, TSNE, silent)
    heard = Heard()
    second = embed(other, 0, "tsne", 0, TSNE, heard, like=first)
    assert np.array_equal(second.start, first.start)
    again = similarity(second.points, first.points)(second.points)
    assert again == pytest.approx(second.points, abs=1e-3)
    for frame in heard.of(Embedded):
        points = frame.points
        assert points.mean(axis=0) == pytest.approx(first.points.mean(axis=0), abs=1e-3)
        assert points.std() == pytest.approx(first.points.std(), rel=0.5)
    alone = embed(other, 0, "tsne", 0, TSNE, silent)
    assert not np.array_equal(alone.points, second.points)
    assert len(stored(other)) == 2
    assert same(second, embed(other, 0, "tsne", 0, TSNE, _silence, like=first))


def _silence(event):
    raise AssertionError(event)


def test_that_the_same_network_lies_exactly_on_its_first_picture(run):
    first = embed(run, 0, "pca", 0, {}, silent)
    second = embed(run, 0, "pca", 1, {}, silent, like=first)
    assert second.points == pytest.approx(first.points, abs=1e-4)


def test_that_samples_that_the_first_lacks_start_beside_the_others(run):
    first = embed(run, 0, "pca", 0, {}, silent)
    part = type(first)(
        **{
            **{field.name: getattr(first, field.name) for field in fields(first)},
            "samples": first.samples[4:],
            "points": first.points[4:],
            "start": 5 * first.start[4:],
        }
    )
    found = embed(run, 0, "pca", 0, {}, silent, like=part)
    assert np.array_equal(found.start[4:], part.start)
    assert found.start == pytest.approx(5 * first.start, rel=1e-2, abs=1e-2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(np.nan, "are no numbers, for its training diverged"), (0.0, "the same for every image")],
)
def test_that_features_that_cannot_be_drawn_are_named(run, change, sentence):
    train(run, 0, change=change)
    with pytest.raises(Failure, match=rf"fold 1 of run {run.id} .*{sentence}"):
        embed(run, 0, "tsne", 0, TSNE, silent)


@pytest.mark.parametrize(
    ("name", "settings", "part"),
    [
        ("mds", {}, "no embedding “mds”: choose one of pca, tsne, umap"),
        ("tsne", {"neighbours": 3}, "no setting “neighbours”"),
        ("tsne", {"perplexity": "many"}, "perplexity"),
        ("tsne", {"perplexity": 30}, "needs at least 91 samples, but there are 28"),
        ("pca", {"perplexity": 30}, "no setting “perplexity”"),
    ],
)
def test_that_a_wrong_choice_is_one_sentence(run, name, settings, part):
    with pytest.raises(Failure, match=part):
        embed(run, 0, name, 0, settings, silent)


def test_that_a_picture_without_a_broken_image_says_so_and_is_not_kept(run):
    with Study(run.study_folder) as study:
        dataset = study.dataset()
    broken = dataset.samples[5].file
    broken.write_bytes(broken.read_bytes()[:100])
    for file in (run.study_folder / "cache").glob("pixels-*"):
        file.unlink()
    (run.fold(0) / "features.npz").unlink(missing_ok=True)
    picture = embed(run, 0, "pca", 0, {}, silent)
    assert picture.samples.tolist() == np.delete(dataset.ids, 5).tolist()
    assert picture.measures.samples == picture.held_out.sum()
    (why,) = list_left_out([(run, picture)], silent)
    assert broken.name in why
    assert not stored(run)


def test_that_measures_of_the_features_are_not_of_the_picture(run):
    made, found = embed(run, 0, "tsne", 0, TSNE, silent), features(run, 0, silent)
    rows = np.flatnonzero(found.held_out)
    with Study(run.study_folder) as study:
        dataset = study.dataset()
    shown = dataset.expressions[np.searchsorted(dataset.ids, found.samples[rows])]
    of_features = structure(found.values[rows], shown, np.zeros((0, 2), dtype=np.int64))
    of_picture = structure(made.points[rows], shown, np.zeros((0, 2), dtype=np.int64))
    assert made.measures.features.silhouette == of_features.silhouette != of_picture.silhouette
    assert made.measures.picture.silhouette == of_picture.silhouette
