import json
import subprocess
import sys
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from pydantic import TypeAdapter
from sklearn.manifold import trustworthiness

from engine.domain import Failure
from engine.embeddings.algorithms import tsne
from engine.embeddings.algorithms.base import embedding, embeddings
from engine.embeddings.algorithms.pca import principal
from engine.embeddings.embedding import Embedded
from engine.events import Cancelled, Progressed, silent
from engine.experiment.experiment import make_settings
from tests.engine.embeddings.making import Heard

SMALL = {
    "pca": {},
    "tsne": {"perplexity": 8, "exaggerated": 60, "iterations": 100},
    "umap": {"neighbours": 8, "epochs": 60},
}


def groups(n=40, d=12, seed=0):
    """Two groups far apart, and which is which."""
    random = np.random.default_rng(seed)
    group = np.arange(n) % 2
    values = random.normal(size=(n, d)) + 12 * group[:, None]
    return values.astype(np.float32), group


def made(name, seed=0, **settings):
    cls = embedding(name)
    return cls(make_settings(cls.Settings, settings or SMALL.get(name, {})), seed)


@pytest.mark.parametrize("name", embeddings())
def test_that_an_embedding_keeps_groups_apart_and_is_reproducible(name):
    values, group = groups()
    heard = Heard()
    points = made(name).fit(values, principal(values), heard)
    assert points.shape == (40, 2)
    assert points.dtype == np.float32
    assert np.isfinite(points).all()
    centres = np.stack([points[group == g].mean(axis=0) for g in (0, 1)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == group).all()
    assert heard.of(Progressed)
    again = made(name).fit(values, principal(values), Heard())
    assert np.array_equal(points, again)


@pytest.mark.parametrize("name", embeddings())
def test_that_an_embedding_describes_itself(name):
    cls = embedding(name)
    assert cls.name == name
    assert cls.title
    assert cls.library
    assert is_dataclass(cls.Settings)
    properties = TypeAdapter(cls.Settings).json_schema().get("properties", {})
    assert set(properties) == {field.name for field in fields(cls.Settings)}
    assert all(one["description"] for one in properties.values())


@pytest.mark.parametrize("name", embeddings())
def test_that_an_embedding_hears_cancelled(name):
    values, _ = groups()
    heard = Heard(stop=lambda event: isinstance(event, Progressed) and event.done > 0)
    settings = {"umap": {"epochs": 5000}}.get(name, {})
    with pytest.raises(Cancelled):
        made(name, **settings).fit(values, principal(values), heard)
    assert heard.events[-1].done > 0


@pytest.mark.parametrize("name", embeddings())
def test_that_too_few_samples_are_one_sentence(name):
    values, _ = groups(2)
    with pytest.raises(Failure, match=r"needs at least \d+ samples, but there are 2"):
        made(name).fit(values, None, Heard())


def test_that_a_perplexity_says_how_many_samples_it_needs():
    values, _ = groups()
    with pytest.raises(Failure, match="A perplexity of 30 needs at least 91 samples"):
        made("tsne", perplexity=30).fit(values, None, Heard())


def test_that_frames_of_tsne_count_on_through_both_stages():
    values, _ = groups()
    heard = Heard()
    points = made("tsne").fit(values, None, heard)
    frames = heard.of(Embedded)
    assert [frame.step for frame in frames] == list(range(20, 161, 20))
    assert {frame.total for frame in frames} == {160}
    shapes = {frame.points.shape for frame in frames}
    assert shapes == {(40, 2)}
    spread = [frame.points.std() for frame in frames]
    assert spread[-1] == pytest.approx(points.std(), rel=0.2)
    assert spread[0] < spread[-1]


def test_that_cancelled_ends_tsne_at_that_frame():
    values, _ = groups()
    heard = Heard(stop=lambda event: isinstance(event, Embedded) and event.step == 40)
    with pytest.raises(Cancelled):
        made("tsne").fit(values, None, heard)
    assert heard.events[-1].step == 40


def test_that_umap_shows_where_its_points_are_and_ends_near_umap_learns_own():
    values, _ = groups()
    heard = Heard()
    points = made("umap", neighbours=8, epochs=2000).fit(values, principal(values), heard)
    frames = heard.of(Embedded)
    assert [frame.step for frame in frames] == sorted({frame.step for frame in frames})
    assert {frame.total for frame in frames} == {2000}
    assert not np.array_equal(frames[0].points, points)
    library = pytest.importorskip("umap")
    settings = {"n_neighbors": 8, "n_epochs": 2000, "random_state": 0, "n_jobs": 1}
    own = library.UMAP(init=principal(values), **settings)
    theirs = trustworthiness(values, own.fit_transform(values), n_neighbors=5)
    assert trustworthiness(values, points, n_neighbors=5) > theirs - 0.03


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_that_umap_goes_by_its_public_function_without_its_internals(change, monkeypatch):
    pytest.importorskip("umap")
    from umap import layouts

    if change == "gone":
        monkeypatch.delattr(layouts, "optimize_layout_euclidean")
    else:
        monkeypatch.setattr(layouts, "optimize_layout_euclidean", lambda points, graph: None)
    values, _ = groups()
    heard = Heard()
    points = made("umap").fit(values, principal(values), heard)
    assert (points.shape, points.dtype) == ((40, 2), np.float32)
    assert trustworthiness(values, points, n_neighbors=5) > 0.7
    assert not heard.of(Embedded)
    assert np.array_equal(points, made("umap").fit(values, principal(values), Heard()))


def test_that_umap_shows_frames_with_the_version_that_is_installed():
    values, _ = groups()
    heard = Heard()
    made("umap").fit(values, principal(values), heard)
    assert heard.of(Embedded)


def test_that_another_start_or_seed_gives_another_tsne():
    values, _ = groups()
    first = made("tsne").fit(values, principal(values), Heard())
    assert not np.array_equal(first, made("tsne", seed=1).fit(values, None, Heard()))
    turned = principal(values)[:, ::-1]
    assert not np.array_equal(first, made("tsne").fit(values, turned, Heard()))


def test_that_equal_features_do_not_stop_tsne():
    values, _ = groups()
    values[5:20] = values[0]
    assert np.isfinite(made("tsne").fit(values, principal(values), Heard())).all()


@pytest.mark.parametrize(("n", "d"), [(50, 6), (6, 50), (9, 1)])
def test_that_principal_axes_are_those_of_the_singular_values(n, d):
    random = np.random.default_rng(0)
    values = (random.normal(size=(n, d)) * np.arange(d, 0, -1)).astype(np.float32)
    points = principal(values)
    spread = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)[:2]
    assert np.linalg.norm(points, axis=0)[: min(d, 2)] == pytest.approx(spread, rel=1e-4)
    assert points.mean(axis=0) == pytest.approx([0, 0], abs=1e-4)
    assert np.array_equal(points, principal(values))


def test_that_finding_embeddings_imports_none_of_their_libraries():
    code = (
        "import json, sys; from engine.embeddings.algorithms.base import embeddings"
        "; found = list(embeddings()); import engine.embeddings.compute"
        "; print(json.dumps([found, [m for m in ('torch', 'umap', 'openTSNE', 'sklearn',"
        " 'matplotlib', 'numba') if m in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == [["pca", "tsne", "umap"], []]


def test_that_neighbours_are_openTSNEs_and_the_search_can_be_cancelled(monkeypatch):
    from openTSNE.affinity import PerplexityBasedNN

    monkeypatch.setattr(tsne, "BLOCK", 10)
    values = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    made = tsne.TSNE(tsne.TSNE.Settings(perplexity=5), 0)
    theirs = PerplexityBasedNN(values, perplexity=5, method="exact")
    assert abs(made._drawn(values, silent).P - theirs.P).max() == 0
    heard = Heard(stop=lambda event: event.step == "Neighbours" and event.done >= 20)
    with pytest.raises(Cancelled):
        made.fit(values, None, heard)
    assert [event.done for event in heard.of(Progressed) if event.step == "Neighbours"] == [
        0,
        10,
        20,
    ]


@pytest.mark.parametrize("shape", [(30, 5), (8, 20)], ids=["many samples", "many features"])
def test_that_the_strongest_weight_of_each_principal_direction_is_positive(shape):
    for seed in range(6):
        values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
        points, centred = principal(values), values - values.mean(axis=0)
        directions = centred.T @ points  # each along its own, times its variance
        strongest = np.abs(directions).argmax(axis=0)
        assert (directions[strongest, [0, 1]] > 0).all()
        assert np.array_equal(principal(values), points)
