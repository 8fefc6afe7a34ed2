import numpy as np
import pytest

from engine.analysis import embed as module
from engine.analysis.embed import Calm, Embed
from engine.domain import Failure
from engine.embeddings.compute import embed
from engine.embeddings.embedding import (
    Embedded,
    Embedding,
    EmbeddingAnswer,
    EmbeddingEnded,
    EmbeddingRequest,
    EmbeddingStarted,
)
from engine.events import Cancelled, silent
from engine.store.study import Study
from tests.engine.embeddings.making import Heard, trained_run

TSNE = {"perplexity": 5, "exaggerated": 40, "iterations": 60}


@pytest.fixture
def runs(tmp_path):
    return [trained_run(tmp_path, seed=seed) for seed in range(2)]


@pytest.fixture
def study(runs):
    with Study(runs[0].study_folder) as opened:
        yield opened


def _whose(event):
    match event:
        case EmbeddingStarted(run=run) | EmbeddingEnded(picture=Embedding(run=run)):
            return run
    return "frame"


def asked(runs, **changes):
    chosen = {"runs": tuple(run.id for run in runs), "fold": 0, "settings": TSNE, **changes}
    return EmbeddingRequest(**chosen)


def test_that_each_picture_is_said_after_its_samples_and_frames(runs, study, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0)
    heard = Heard()
    answer = Embed().answer(study, asked(runs), heard)
    assert answer == EmbeddingAnswer(tuple(run.id for run in runs), (), (), ())
    kinds = (EmbeddingStarted, Embedded, EmbeddingEnded)
    said = [event for event in heard.events if isinstance(event, kinds)]
    order = [_whose(event) for event in said]
    assert list(dict.fromkeys(order)) == [runs[0].id, "frame", runs[1].id]
    assert isinstance(said[0], EmbeddingStarted)
    assert isinstance(said[-1], EmbeddingEnded)
    assert said[0].samples.tolist() == study.dataset().ids.tolist()
    assert said[0].held_out.sum() == 14


def test_that_the_others_are_laid_onto_the_first(runs, study):
    heard = Heard()
    Embed().answer(study, asked(runs), heard)
    pictures = {event.picture.run: event.picture for event in heard.of(EmbeddingEnded)}
    first = embed(runs[0], 0, "tsne", 0, TSNE, silent)
    second = embed(runs[1], 0, "tsne", 0, TSNE, silent, like=first)
    assert np.array_equal(pictures[runs[0].id].points, first.points)
    assert np.array_equal(pictures[runs[1].id].points, second.points)


def test_that_a_picture_comes_with_its_measures(runs, study):
    heard = Heard()
    Embed().answer(study, asked(runs[:1]), heard)
    picture = heard.of(EmbeddingEnded)[0].picture
    assert picture.settings == TSNE
    assert picture.version.startswith("openTSNE")
    assert set(vars(picture.measures.features)) == {"silhouette", "purity", "pair_distance"}


def test_that_only_kept_pictures_are_read_where_no_more_is_wanted(runs, study):
    heard = Heard()
    ids = tuple(run.id for run in runs)
    nothing = EmbeddingAnswer((), ids, (), ())
    assert Embed().answer(study, asked(runs, kept=True), heard) == nothing
    assert not heard.events
    embed(runs[0], 0, "tsne", 0, TSNE, silent)
    answer = Embed().answer(study, asked(runs, kept=True), heard)
    assert answer == EmbeddingAnswer(ids[:1], ids[1:], (), ())
    assert [type(event) for event in heard.events] == [EmbeddingEnded]


def test_that_frames_come_at_most_ten_times_a_second(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    heard = Heard()
    calm = Calm(heard)
    for step in range(40):
        now[0] += 0.03
        calm(Embedded(step, 40, np.zeros((0, 2), np.float32)))
    assert 8 <= len(heard.events) <= 12


def test_that_a_cancelled_question_leaves_the_first_picture(runs, study):
    seen = []

    def stop(event):
        seen.append(event)
        return isinstance(event, EmbeddingStarted) and event.run == runs[1].id

    with pytest.raises(Cancelled):
        Embed().answer(study, asked(runs), Heard(stop))
    assert [event.picture.run for event in seen if isinstance(event, EmbeddingEnded)] == [
        runs[0].id
    ]
    kept = Embed().answer(study, asked(runs, kept=True), silent)
    assert kept.missing == (runs[1].id,)


def test_that_a_fold_that_is_not_there_fails(runs, study):
    with pytest.raises(Failure, match="folds 1 to 2"):
        Embed().answer(study, asked(runs, fold=7), silent)
