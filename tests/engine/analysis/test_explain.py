import numpy as np
import pytest

from engine.analysis.explain import Explain
from engine.domain import Failure
from engine.events import Cancelled, Progressed
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import (
    ExplainRequest,
    HeatmapRequest,
    RunExplained,
    Unexplained,
)
from engine.store.study import Study
from tests.engine.explanation import making


@pytest.fixture
def study(tmp_path):
    with Study(making.study(tmp_path)) as opened:
        yield opened


def answered(study, wanted):
    """The answer, and what was said before it."""
    said = []
    answer = Explain().answer(study, wanted, said.append)
    return answer, [event for event in said if isinstance(event, RunExplained)]


def test_that_each_run_is_said_with_the_heatmaps_that_the_engine_computes(study):
    runs = [making.run(study.folder), making.run(study.folder)]
    answer, said = answered(study, ExplainRequest(tuple(run.id for run in runs), (3, 17)))
    assert answer == Unexplained()
    assert [event.run for event in said] == [run.id for run in runs]
    whole = heatmaps(runs[0], (3, 17), HeatmapRequest(), lambda event: None)
    for name in ("samples", "folds", "targets", "probabilities", "values"):
        np.testing.assert_array_equal(getattr(said[0].heatmaps, name), getattr(whole, name))
    assert said[0].heatmaps.layer == "trunk.layer4"
    assert "trunk.layer3" in said[0].layers


def test_that_a_face_without_a_finished_fold_is_left_out_and_the_others_are_not(study):
    run = making.run(study.folder, finished=(0,))
    tested = set(run.predictions().samples.tolist())
    here, absent = min(tested), next(n for n in range(1, 57) if n not in tested)
    _, (said,) = answered(study, ExplainRequest((run.id,), (absent, here)))
    assert said.heatmaps.samples.tolist() == [here]


def test_that_a_run_that_cannot_answer_says_why_and_the_next_one_answers(study):
    empty, whole = making.run(study.folder, finished=()), making.run(study.folder)
    answer, said = answered(study, ExplainRequest((empty.id, "099-gone", whole.id), (1,)))
    assert empty.id in answer.failures[empty.id]
    assert "099-gone" in answer.failures["099-gone"]
    assert [event.run for event in said] == [whole.id]


def test_that_a_layer_that_a_network_lacks_is_a_reason(study):
    run = making.run(study.folder)
    answer, said = answered(
        study, ExplainRequest((run.id,), (1,), HeatmapRequest(layer="trunk.layer9"))
    )
    assert "trunk.layer9" in answer.failures[run.id]
    assert said == []


def test_that_it_ends_as_soon_as_the_answer_is_not_wanted(study):
    run = making.run(study.folder)

    def refuse(event):
        raise Cancelled

    with pytest.raises(Cancelled):
        Explain().answer(study, ExplainRequest((run.id,), (1,)), refuse)


def test_that_without_samples_every_network_is_loaded_once(study, monkeypatch):
    run, loaded = making.run(study.folder), []
    monkeypatch.setattr(
        "engine.inference.networks.load_weights", lambda network, file: loaded.append(file)
    )
    explain = Explain()
    for _ in range(2):
        assert not explain.answer(study, ExplainRequest((run.id,)), lambda event: None).failures
    assert loaded == [run.fold(fold) / "network.safetensors" for fold in (0, 1)]


def test_that_a_process_says_nothing_as_long_as_it_would_not_hear_a_cancel(study, monkeypatch):
    run, said, before = making.run(study.folder), [], []
    monkeypatch.setattr(
        "engine.inference.networks.load_weights", lambda *_: before.append(len(said))
    )
    Explain().answer(study, ExplainRequest((run.id,)), said.append)
    assert before == [0, 1]


def test_that_loading_says_how_far_it_is(study):
    run, said = making.run(study.folder), []
    Explain().answer(study, ExplainRequest((run.id,)), said.append)
    assert said == [Progressed("Networks", done, 2) for done in (1, 2)]
    with pytest.raises(Failure, match="099-gone"):
        Explain().answer(study, ExplainRequest(("099-gone",)), said.append)


def test_that_a_broken_image_is_named_and_the_others_are_explained(study):
    run, samples = making.run(study.folder), study.dataset().samples
    samples[16].file.unlink()
    answer, (said,) = answered(study, ExplainRequest((run.id,), (3, 17, 4)))
    assert said.heatmaps.samples.tolist() == [3, 4]
    (why,) = answer.unread.items()
    assert why[0] == 17
    assert samples[16].file.name in why[1]
    answer, said = answered(study, ExplainRequest((run.id,), (17,)))
    assert not said
    assert "msde check" in answer.failures[run.id]
