from shutil import rmtree
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analysis import attention as analysis
from engine.analysis.attention import Attend, add_up_steps
from engine.attention import cache, measure, sentences
from engine.attention.answer import AttentionRequest
from engine.attention.document import document
from engine.domain import Condition, Expression, Failure
from engine.events import Cancelled, Progressed, silent
from engine.explanation.heatmap import HeatmapRequest
from engine.faces import finder
from engine.faces.landmarks import NOTHING, Landmarks
from engine.paper.figure6 import describe_claims
from engine.store.cache_files import ATTENTION
from engine.store.prediction_files import write
from engine.store.runs import runs_in
from engine.store.study import Study
from tests.engine.faces import making

GRID = 4
NAMES = ("001-baseline-pairs", "002-contrastive-pairs")
LAYERS = {"baseline": ("trunk", "trunk.layer4"), "contrastive": ("trunk.layer4", "other")}


@pytest.fixture
def study(tmp_path):
    expressions = (Expression.HAPPY, Expression.SAD)
    with making.rendered(tmp_path / "Tëst データ" / "study", 6, expressions) as study:
        for method in LAYERS:
            making.finished(study, method)
        yield study


@pytest.fixture(autouse=True)
def asked_for(monkeypatch):
    """Heatmaps that depend on the run and the sample alone; what was asked for, in order."""
    asked_for = []

    def heatmaps(run, samples, asked, report):
        asked_for.append((run.id, len(samples), asked.randomised))
        report(Progressed("Heatmaps", len(samples), len(samples)))
        seeds = ([len(run.id), number, asked.randomised] for number in samples)
        values = [np.random.default_rng(seed).random((GRID, GRID)) for seed in seeds]
        return making.maps(samples, np.array(values, dtype=np.float32))

    for module in (measure, cache):
        monkeypatch.setattr(module, "heatmaps", heatmaps)
    layers = lambda run, fold: SimpleNamespace(  # noqa: E731
        heatmap_layers=lambda: LAYERS[run.experiment.method]
    )
    monkeypatch.setattr(analysis, "make_untrained", layers)
    return asked_for


def answer(study, report=silent, **request):
    return Attend().answer(study, AttentionRequest(NAMES, **request), report)


def plain(told):
    """An answer as what can be compared."""
    columns = {name: plain_value(value) for name, value in vars(told.found).items()}
    return {"layers": told.layers, **columns}


def plain_value(value):
    if isinstance(value, dict):
        return {key: plain_value(one) for key, one in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


def test_that_the_answer_is_the_engines_own_with_shares_and_average_faces(study):
    told = answer(study)
    said = told.found
    runs, dataset = runs_in(study.runs_folder), study.dataset()
    ids = measure.common(runs, dataset)
    rmtree(study.cache / ATTENTION)
    found = cache.measure_all(runs, cache.choose(study, runs, HeatmapRequest()), silent).found
    assert said.document == document(found) | {"claims": describe_claims(found), "notes": []}
    assert said.samples.tolist() == ids
    for run in found.runs:
        shares = said.shares[run.run.id]
        assert (shares == run.shares).all()
        assert shares.sum(axis=1) == pytest.approx(1)
    cells = list(said.cells)
    assert cells == [(e, c) for e in (Expression.HAPPY, Expression.SAD) for c in Condition]
    assert sum(said.counts) == len(ids)
    assert said.faces.shape == (4, cache.SIZE, cache.SIZE, 3)
    assert said.means[NAMES[0]].shape == (4, cache.SIZE, cache.SIZE)
    assert told.layers == ("trunk.layer4",)


def test_that_a_second_question_computes_nothing(study, asked_for):
    first = answer(study, sanity=True)
    count = len(asked_for)
    assert plain(answer(study, sanity=True, kept=True)) == plain(first)
    assert len(asked_for) == count


def test_that_a_run_that_joins_is_the_only_one_measured(study, asked_for):
    Attend().answer(study, AttentionRequest(NAMES[:1]), silent)
    answer(study)
    assert [run for run, *_ in asked_for] == list(NAMES)


def test_that_what_is_not_kept_is_not_computed_if_only_kept_counts(study, asked_for):
    told = answer(study, kept=True)
    assert (told.layers, told.found) == (("trunk.layer4",), None)
    assert asked_for == []


def test_that_a_part_of_all_samples_is_taken_from_what_was_measured_of_all(study, asked_for):
    alone = answer(study, condition="m", expression="sad")
    for file in (study.cache / ATTENTION).iterdir():
        file.unlink()
    answer(study)
    asked_for.clear()
    assert plain(answer(study, condition="m", expression="sad")) == plain(alone)
    assert asked_for == []
    assert alone.found.document["images"] == 6


def test_that_other_networks_are_measured_anew(study, asked_for):
    answer(study)
    asked_for.clear()
    run = runs_in(study.runs_folder)[1]
    found = run.predictions()
    part = found.where(found.folds == 0)
    part.probabilities[:] = np.eye(7)[0]
    write(part, run.fold(0) / "predictions.npz")
    answer(study)
    assert [one for one, *_ in asked_for] == [NAMES[1]]


def test_that_a_damaged_file_is_made_anew(study, asked_for):
    first = answer(study)
    for file in (study.cache / ATTENTION).iterdir():
        file.write_bytes(b"PK")
    asked_for.clear()
    assert plain(answer(study)) == plain(first)
    assert len(asked_for) == 2


def test_that_a_cancelled_question_keeps_the_runs_that_are_whole(study, asked_for):
    def report(event):
        if NAMES[1] in event.step:
            raise Cancelled

    with pytest.raises(Cancelled):
        answer(study, report)
    asked_for.clear()
    answer(study)
    assert [run for run, *_ in asked_for] == [NAMES[1]]


def test_that_progress_only_grows_and_ends_with_the_whole(study):
    said = []
    answer(study, said.append, sanity=True)
    shares = [event.done / event.total for event in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(any(name in event.step for name in NAMES) for event in said if "," in event.step)


def test_that_steps_count_alike():
    said = []
    report = add_up_steps(said.append, 2)
    for event in (Progressed("a", 0, 4), Progressed("a", 4, 4), Progressed("b", 1, 2)):
        report(event)
    assert [event.done / event.total for event in said] == [0, 0.5, 0.75]


def test_that_an_unknown_variant_is_refused_at_once(study, asked_for):
    with pytest.raises(Failure, match="lime"):
        answer(study, variant="lime")
    assert asked_for == []


def test_that_a_claim_names_layer_and_cells_of_its_maps(study):
    said = answer(study).found.document
    for sentence in sentences.claims(said):
        assert sentence.endswith("Both by maps of 4×4 cells (trunk.layer4).")
    said["runs"][NAMES[0]]["grid"] = [7, 7]
    assert "7×7 cells (trunk.layer4) in 001" in sentences.claims(said)[0]
    assert "4 × 4 cells of 002 mostly give back" in sentences.coarse(said)
    said["runs"][NAMES[1]]["grid"] = [7, 7]
    assert sentences.coarse(said) == ""


def test_that_runs_are_compared_on_the_images_that_all_of_them_have(study, monkeypatch):
    run, other = runs_in(study.runs_folder)
    heatmaps, (broken, *kept) = cache.heatmaps, measure.common([run, other], study.dataset())

    def of_the_others(asked_of, samples, asked, report):
        whole = asked_of.id == run.id
        return heatmaps(asked_of, samples if whole else kept, asked, report)

    monkeypatch.setattr(cache, "heatmaps", of_the_others)
    said = answer(study).found
    assert said.samples.tolist() == kept
    assert {len(shares) for shares in said.shares.values()} == {len(kept)}
    (skipped,) = said.document["skipped"]
    assert skipped["file"] == str(study.dataset().samples[study.dataset().row_of[broken]].file)


@pytest.fixture
def only_readable(monkeypatch):
    """No heatmap of an image that cannot be read, as it is in earnest."""
    heatmaps = cache.heatmaps

    def of_the_readable(run, samples, asked, report):
        with Study(run.study_folder) as opened:
            file_of = {sample.id: sample.file for sample in opened.dataset().samples}
        return heatmaps(run, [n for n in samples if file_of[n].stat().st_size], asked, report)

    for module in (measure, cache):
        monkeypatch.setattr(module, "heatmaps", of_the_readable)


@pytest.fixture
def broken(study):
    """The first image, which is empty, and what restores it."""
    file = study.dataset().samples[0].file
    content = file.read_bytes()
    file.write_bytes(b"")
    return file, lambda: file.write_bytes(content)


def test_that_an_image_that_is_left_out_is_measured_once_it_is_restored(
    study, only_readable, broken, asked_for
):
    file, restore = broken
    first = answer(study, sanity=True)
    said = first.found.document
    assert [one["file"] for one in said["skipped"]] == [str(file)]
    asked_for.clear()
    assert plain(answer(study, sanity=True, kept=True)) == plain(first)
    restore()
    assert answer(study, kept=True).found is None
    assert asked_for == []
    whole = answer(study, sanity=True).found.document
    assert whole["skipped"] == []
    assert whole["images"] == len(study.dataset()) == said["images"] + 1
    checks = [one["runs"][NAMES[0]]["sanity"]["images"] for one in (said, whole)]
    assert checks == [said["images"], whole["images"]]


def test_that_an_average_without_a_face_is_made_anew_once_its_image_is_restored(study, broken):
    said = answer(study)
    assert said.found.document["skipped"] == []  # its pixels and its regions are kept elsewhere
    assert sum(said.found.counts) == len(study.dataset()) - 1
    assert plain(answer(study, kept=True)) == plain(said)
    broken[1]()
    assert answer(study, kept=True).found is None
    assert sum(answer(study).found.counts) == len(study.dataset())


def test_that_a_masked_face_is_measured_once_its_partner_is_restored(tmp_path, monkeypatch):
    class Shy:
        """Sees the whole of the first face, of all others the eyes alone."""

        seen = 0

        def find(self, image):
            Shy.seen += 1
            mesh = np.random.default_rng(0).random((468, 2)) * 128
            return Landmarks(
                np.array([[40.0, 50.0], [80.0, 50.0]]), mesh if Shy.seen == 1 else NOTHING
            )

    monkeypatch.setattr(finder, "FaceMesh", Shy)
    with making.rendered(tmp_path / "study", 2, maps=False) as study:
        making.finished(study, "baseline")
        partner = study.dataset().samples[-2]
        assert partner.condition is Condition.NON_MASKED
        content = partner.file.read_bytes()
        partner.file.write_bytes(b"")

        def ask(**more):
            return Attend().answer(study, AttentionRequest(NAMES[:1], "m", **more), silent)

        said = ask()
        assert partner.file.name in said.found.document["skipped"][0]["reason"]
        assert plain(ask(kept=True)) == plain(said)
        partner.file.write_bytes(content)
        assert ask(kept=True).found is None
        (skipped,) = ask().found.document["skipped"]  # it is read, and tells nothing
        assert partner.file.name in skipped["reason"]
        assert ask(kept=True).found
