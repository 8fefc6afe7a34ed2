import pytest

from benchmarks import subjects
from benchmarks.ours import Timed, summed
from benchmarks.training import _queued, _recipe, shown
from engine.events import BatchEnded, EpochEnded, FoldEnded, FoldStarted, RunStarted
from engine.experiment.experiment import Training
from engine.store.study import Study
from tests.engine.making import sample_study

EVEN = Training(epochs=2, batch=25)  # four batches an epoch
SPEEDS = {"training": 20.0, "with_evaluation": 10.0, "everything": 5.0}


def epoch(fold, number, *, begun, told, ended):
    """Two of four batches were told; the epoch is one of two."""
    return [
        (begun, FoldStarted(fold, 0, 100)) if number == 0 else None,
        (told, BatchEnded(fold, number, (number + 0.5) / 2)),
        (ended, EpochEnded(fold, number, (number + 1) / 2, {}, 0.5, {}, 1.0)),
    ]


def heard(*folds):
    said = [one for fold in folds for one in fold if one]
    return [(0.0, RunStarted(2, 2, "cpu", "fp32", 2)), *sorted(said, key=lambda one: one[0])]


def test_that_seconds_of_evaluation_are_what_an_epoch_took_beyond_its_batches():
    first = epoch(0, 0, begun=10, told=12, ended=15) + epoch(0, 1, begun=15, told=17, ended=21)
    second = epoch(1, 0, begun=11, told=13, ended=16) + epoch(1, 1, begun=16, told=18, ended=20)
    timed = summed([*heard(first, second), (29, FoldEnded(0, {}, 19.0))], 30.0, EVEN)
    assert (timed.trained, timed.span, timed.whole) == (400, 11, 30)
    assert timed.evaluating == pytest.approx(((1 + 2) + (1 + 0)) / 2)  # two folds side by side


def test_that_a_smaller_last_batch_takes_less_of_an_epoch():
    timed = summed(
        heard(epoch(0, 0, begun=10, told=13, ended=16)), 20.0, Training(epochs=2, batch=30)
    )
    assert timed.evaluating * 2 == pytest.approx(6 - 3 / 0.6)  # 60 of 100 images were told of


def test_that_an_epoch_too_short_to_be_told_of_counts_as_training():
    said = epoch(0, 0, begun=10, told=12, ended=15)
    assert summed(heard([said[0], said[2]]), 20.0, EVEN).evaluating == 0


def test_that_speeds_are_of_batches_alone_with_evaluation_and_with_everything():
    speeds = Timed(trained=100, whole=20, span=10, evaluating=5).speeds()
    assert speeds == {"training": 20, "with_evaluation": 10, "everything": 5}


@pytest.fixture
def place(tmp_path, monkeypatch):
    source = sample_study(tmp_path / "shipped", subjects=6)
    monkeypatch.setattr(subjects, "find_shipped", lambda: source)
    return subjects.study(tmp_path / "study", 4)


def test_that_a_study_has_the_subjects_asked_for_and_its_images_within(place):
    with Study(place) as study:
        dataset = study.dataset()
    assert set(dataset.subjects) == {"S001", "S002", "S003", "S004"}
    assert all(sample.file.is_relative_to(place) for sample in dataset.samples)


def test_that_the_peer_gets_the_images_of_the_run(place, chosen):
    run = _queued(place, chosen)
    recipe = _recipe(run, chosen)
    assert (recipe.size, recipe.batch, recipe.epochs) == (32, 4, 1)
    for fold, sides in zip(run.protocol.folds, recipe.folds, strict=True):
        for side, people in (("train", fold.train), ("test", fold.test)):
            files = [file for file, _ in sides[side]]
            assert {file.rpartition("/")[2][:4] for file in files} == set(people)
            assert len(set(files)) == len(files)


@pytest.fixture
def chosen():
    from argparse import Namespace

    values = {
        "network": "resnet18",
        "size": 32,
        "batch": 4,
        "epochs": 1,
        "peer_epochs": 0,
        "folds": 2,
    }
    return Namespace(method="baseline", **values)


def test_that_the_table_tells_every_side():
    setting = {"processes": 2, "threads": 1, "precision": "bf16", "layout": "channels_last"}
    limit = {"per_second": 25.0, "setting": setting, "tried": {}}
    told = shown(
        {
            **{"method": "baseline", "network": "resnet18", "size": 64, "batch": 32, "folds": 2},
            **{"subjects": 8, "epochs": 1, "rounds": 3, "cores": 2, "load": 0.1, "unit": "images"},
            **{"trained": 112, "limit": limit, "limit_torchvision": None},
            **{"ours": SPEEDS, "peer": SPEEDS, "ours_to_peer": SPEEDS, "ours_to_limit": SPEEDS},
            "ours_setting": {"precision": "bf16", "workers": 2},
        }
    )
    names = [line[:12].strip() for line in told.splitlines()[3:]]
    assert names == ["peer", "limit", "ours", "ours / peer", "ours / limit"]
    assert "2 processes × 1 thread, bf16, channels_last" in told
