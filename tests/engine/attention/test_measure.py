from dataclasses import replace
from shutil import rmtree

import numpy as np
import pytest
from scipy import stats

from engine.attention import cache, measure
from engine.attention.average_faces import EYES
from engine.attention.average_heatmaps import averages
from engine.attention.cache import choose, measure_all
from engine.attention.document import document, rows
from engine.attention.measure import common, correlations
from engine.attention.region_shares import areas, share
from engine.domain import UPPER, Condition, Expression, Failure, Region
from engine.events import silent
from engine.explanation.heatmap import HeatmapRequest
from engine.faces import finder
from engine.faces.landmarks import NOTHING, Landmarks
from engine.paper.figure6 import describe_claims
from engine.store.cache_files import ATTENTION
from engine.store.runs import runs_in
from tests.engine.faces import making

GRID = 8


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    expressions = (Expression.HAPPY, Expression.SAD)
    folder = tmp_path_factory.mktemp("Tëst データ") / "study"
    with making.rendered(folder, 8, expressions) as study:
        for method in ("baseline", "contrastive"):
            making.finished(study, method)
        yield study


@pytest.fixture
def runs(study):
    return runs_in(study.runs_folder)


@pytest.fixture(autouse=True)
def nothing_kept(study):
    rmtree(study.cache / ATTENTION, ignore_errors=True)


def measured(study, runs, *narrowed, sanity=False):
    of = choose(study, runs, HeatmapRequest(), *narrowed)
    return measure_all(runs, of, silent, sanity=sanity).found


def replace_heatmaps(monkeypatch, heatmaps):
    for module in (cache, measure):
        monkeypatch.setattr(module, "heatmaps", heatmaps)


@pytest.fixture
def told(monkeypatch):
    """Heatmaps by method: CL looks at the upper half, the baseline at the lower."""
    asked_for = []

    def heatmaps(run, samples, asked, report):
        asked_for.append((run.id, tuple(samples), asked))
        random = np.random.default_rng(len(run.id) + asked.randomised)
        values = random.random((len(samples), GRID, GRID)).astype(np.float32)
        if not asked.randomised:
            upper = run.experiment.method == "contrastive"
            values[:, : GRID // 2] += 3 * upper
            values[:, GRID // 2 :] += 3 * (not upper)
        return making.maps(samples, values)

    replace_heatmaps(monkeypatch, heatmaps)
    return asked_for


def test_that_all_runs_are_measured_on_the_same_images(study, runs, told):
    chosen = common(runs, study.dataset(), "m")
    found = measured(study, runs, "m")
    assert [one[1] for one in told] == [tuple(chosen)] * 2
    assert [sample.id for sample in found.samples] == chosen
    assert len(chosen) == 16
    assert found.exact.all()
    assert found.skipped == ()
    for one in found.runs:
        assert one.shares.shape == (16, 8)
        assert one.shares.sum(axis=1) == pytest.approx(1)
        assert one.grid == (GRID, GRID)
    assert found.areas.sum(axis=1) == pytest.approx(1)


def test_that_tests_and_claim_are_of_these_shares(study, runs, told):
    found = measured(study, runs)
    baseline, contrastive = (one.shares[found.of(Condition.MASKED)] for one in found.runs)
    more = (contrastive - baseline)[:, list(UPPER)].sum(axis=1)
    upper, mask = describe_claims(found)
    assert upper["agrees"]
    assert mask["agrees"]
    assert upper["median"] == pytest.approx(np.median(more.reshape(8, 2).mean(axis=1)), abs=0.02)
    on_mask = next(
        t for t in found.tests if t.of == (Region.MASK,) and t.condition is Condition.MASKED
    )
    assert on_mask.median > 0
    assert on_mask.subjects == 8


def test_that_the_sanity_check_asks_random_weights(study, runs, told):
    found = measured(study, runs, "nm", "happy", sanity=True)
    assert sum(one[2].randomised for one in told) == 2
    for one in found.runs:
        assert one.sanity.images == 8
        assert abs(one.sanity.correlation) < 0.3


def test_that_spearmans_correlation_is_scipys():
    first, second = np.random.default_rng(0).integers(0, 5, (2, 4, 3, 3)).astype(np.float32)
    second[3] = 1
    found = correlations(first, second)
    expected = [stats.spearmanr(first[n].ravel(), second[n].ravel()).statistic for n in range(3)]
    assert found[:3] == pytest.approx(expected)
    assert np.isnan(found[3])


def test_that_what_cannot_be_measured_is_listed_with_its_reason(tmp_path, monkeypatch, told):
    class Blind:
        seen = 0

        def find(self, image):
            Blind.seen += 1
            eyes = np.array([[40.0, 50.0], [80.0, 50.0]])
            mesh = np.random.default_rng(0).random((468, 2)) * 128
            return Landmarks(eyes, mesh) if Blind.seen > 1 else Landmarks(NOTHING, NOTHING)

    monkeypatch.setattr(finder, "FaceMesh", Blind)
    with making.rendered(tmp_path / "study", 2, maps=False) as study:
        run = making.finished(study, "baseline")
        chosen = study.dataset().samples
        chosen[-1].file.write_bytes(b"")
        found = measured(study, [run])
    assert len(found.samples) == 2
    assert not found.exact.any()
    reasons = {one.file: one.reason for one in found.skipped}
    assert reasons[str(chosen[0].file)] == f"No face was found on {chosen[0].file}."
    assert "is empty" in reasons[str(chosen[-1].file)]


def test_that_a_map_without_energy_is_counted_as_left_out(study, runs, monkeypatch):
    def heatmaps(run, samples, asked, report):
        values = np.ones((len(samples), 2, 2), dtype=np.float32)
        values[1] = 0
        return making.maps(samples, values)

    replace_heatmaps(monkeypatch, heatmaps)
    found = measured(study, runs[:1], "m")
    assert np.isnan(found.runs[0].shares[1]).all()
    assert [one.file for one in found.empty] == [str(found.samples[1].file)]
    assert "zero everywhere" in found.empty[0].reason
    assert document(found)["runs"][runs[0].id]["empty"] == 1
    assert found.skipped == ()


def test_that_no_image_at_all_is_a_failure(tmp_path, monkeypatch, told):
    class Blind:
        def find(self, image):
            return Landmarks(NOTHING, NOTHING)

    monkeypatch.setattr(finder, "FaceMesh", Blind)
    with making.rendered(tmp_path / "study", 2, maps=False) as study:
        run = making.finished(study, "baseline")
        with pytest.raises(Failure, match="No image can be measured: No face was found on"):
            measured(study, [run])


def test_that_only_what_every_run_tested_is_common(study, runs):
    dataset = study.dataset()
    assert len(common(runs, dataset)) == 32
    assert len(common(runs, dataset, "m", "sad")) == 8
    with pytest.raises(Failure, match="surprise, fear"):
        common(runs, dataset, "m", "fear")


def test_that_what_a_run_has_not_tested_yet_is_not_common(study, runs):
    dataset = study.dataset()
    begun = making.finished(study, "distillation")
    try:
        (begun.fold(1) / "predictions.npz").unlink()
        found = [common(order, dataset) for order in ([*runs, begun], [begun, *runs])]
    finally:
        rmtree(begun.folder)
    tested = np.isin(dataset.subjects, begun.protocol.folds[0].test)
    assert found == [dataset.ids[tested].tolist()] * 2
    assert len(found[0]) == 16


def test_that_the_document_and_the_rows_say_the_same(study, runs, told):
    found = measured(study, runs)
    said, listed = document(found), rows(found)
    assert len(listed) == 2 * said["images"] == 64
    for run, one in said["runs"].items():
        masked = [row["mask"] for row in listed if row["run"] == run and row["condition"] == "m"]
        assert one["shares"]["m"]["mask"] == pytest.approx(np.median(masked))
    assert said["area"]["nm"]["mask"] == 0
    assert "mask" not in said["runs"][runs[0].id]["density"]["nm"]
    assert len(said["tests"]) == len(found.tests)
    assert [claim["condition"] for claim in describe_claims(found)] == ["m", "m"]


def test_that_shares_are_those_of_the_map_on_the_samples_own_regions(study, runs, told):
    found = measured(study, runs)
    values = measure.heatmaps(
        runs[0], [s.id for s in found.samples], HeatmapRequest(), silent
    ).values
    parts = finder.regions(found.samples[3])
    assert found.runs[0].shares[3] == pytest.approx(share(values[3], parts))
    assert found.areas[3] == pytest.approx(areas(parts))


def test_that_average_faces_are_by_expression_and_condition_with_eyes_in_place(study):
    samples = study.dataset().samples
    values = np.zeros((len(samples), 128, 128), dtype=np.float32)
    for row, one in enumerate(samples):
        values[row] = finder.regions(one) == Region.EYES
    maps = making.maps([one.id for one in samples], values)
    found = averages(finder.FaceFinder(samples), samples, maps, silent, size=64)
    assert set(found) == {(e, c) for e in (Expression.HAPPY, Expression.SAD) for c in Condition}
    for one in found.values():
        assert one.n == 8
        for x, y in EYES * 64:
            assert one.values[int(y), int(x)] > 0.8
        assert one.values[int(EYES[0, 1] * 64) + 20].max() < 0.1


def test_that_a_map_of_regions_finer_than_its_image_changes_no_average(study):
    class Finer(finder.FaceFinder):
        def face(self, sample):
            known = super().face(sample)
            regions = known.regions.repeat(2, axis=0).repeat(2, axis=1)
            return replace(known, regions=regions, eyes=2 * known.eyes)

    samples = study.dataset().samples[:4]
    values = np.random.default_rng(0).random((4, GRID, GRID)).astype(np.float32)
    maps = making.maps([one.id for one in samples], values)
    plain, finer = (
        averages(kind(samples), samples, maps, silent, size=32)
        for kind in (finder.FaceFinder, Finer)
    )
    assert plain.keys() == finer.keys()
    for cell, one in plain.items():
        assert finer[cell].image == pytest.approx(one.image, abs=1e-3)
        assert finer[cell].values == pytest.approx(one.values, abs=1e-5)


def test_that_faces_that_are_not_found_are_in_no_average(study, monkeypatch):
    samples = study.dataset().samples[:2]
    faces = finder.FaceFinder(samples)
    exact = finder.exact

    def first_alone(sample):
        if sample.id != samples[0].id:
            raise finder.Unplaced("No face.")
        return exact(sample)

    monkeypatch.setattr(finder, "exact", first_alone)
    maps = making.maps([1, 2], np.ones((2, 2, 2), dtype=np.float32))
    (cell,) = averages(faces, samples, maps, silent)
    assert cell == (samples[0].expression, samples[0].condition)
