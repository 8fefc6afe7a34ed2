import numpy as np
import pytest

from engine.events import (
    BatchEnded,
    Failed,
    FoldEnded,
    FoldStarted,
    Logged,
    Progressed,
    RunEnded,
    RunStarted,
)
from engine.experiment.progress import RunProgress, follow
from tests.engine.making import epoch_ended

STARTED = RunStarted(folds=2, epochs=4, device="cpu", precision="fp32", workers=2)


def after(*events):
    return follow(RunProgress(), [STARTED, *events])


def test_that_a_run_begins_with_its_folds_waiting():
    progress = after()
    assert (len(progress.folds), progress.epochs, progress.workers) == (2, 4, 2)
    assert not any(fold.started for fold in progress.folds)
    assert progress.fraction == 0
    assert progress.seconds_left is None


def test_that_warnings_stay_after_the_run_was_resumed():
    warned = after(Logged("Fold 1: hardly"), RunEnded("stopped", 1.0))
    assert warned.told == ("Fold 1: hardly",)
    assert follow(warned, [STARTED, Logged("Fold 2: hardly")]).told == (
        "Fold 1: hardly",
        "Fold 2: hardly",
    )


def test_that_the_fraction_is_the_mean_of_the_folds():
    progress = after(BatchEnded(0, 1, 0.5), BatchEnded(1, 0, 0.1))
    assert progress.fraction == pytest.approx(0.3)


def test_that_reading_images_is_shown_until_a_fold_starts():
    reading = Progressed("Packing images", 64, 100)
    assert after(reading).step == reading
    assert after(reading, FoldStarted(0, 0, 10)).step is None


def test_that_an_epoch_gives_the_time_left_by_its_pace():
    # Folds side by side: one has 3 of 4 epochs to go, the other all 4.
    assert after(epoch_ended(0, 0, 0.25, seconds=10.0)).seconds_left == pytest.approx(40)


def test_that_the_last_of_three_folds_on_two_workers_waits_for_its_turn():
    three = RunStarted(3, 4, "cpu", "fp32", workers=2)
    begun = [FoldStarted(0, 0, 9), FoldStarted(1, 0, 9)]
    epochs = [epoch_ended(0, 0, 0.25, seconds=10.0), epoch_ended(1, 0, 0.25, seconds=10.0)]
    progress = follow(RunProgress(), [three, *begun, *epochs])
    assert progress.seconds_left == pytest.approx(30 + 40)


def test_that_one_worker_takes_twice_as_long():
    alone = RunStarted(2, 4, "cpu", "fp32", workers=1)
    progress = follow(RunProgress(), [alone, epoch_ended(0, 0, 0.25, seconds=10.0)])
    assert progress.seconds_left == pytest.approx(70)


def test_that_no_more_folds_than_are_left_share_the_rest():
    done = [epoch_ended(0, 3, 1.0, 10.0), FoldEnded(0, {"nm": 1.0}, 40.0)]
    assert after(*done).seconds_left == pytest.approx(40)


def test_that_a_finished_run_has_no_time_left():
    progress = after(*[e for k in (0, 1) for e in (epoch_ended(k, 3, 1.0), FoldEnded(k, {}, 9.0))])
    assert progress.fraction == 1
    assert progress.seconds_left == 0


def test_that_a_fold_keeps_its_curve_and_its_last_accuracy():
    fold = after(epoch_ended(1, 0, 0.25), epoch_ended(1, 1, 0.5), FoldEnded(1, {"m": 0.9}, 8.0))
    assert [event.epoch for event in fold.folds[1].epochs] == [0, 1]
    assert fold.folds[1].accuracy == {"m": 0.9}
    assert fold.folds[1].ended
    assert not fold.folds[0].started


def test_that_a_resumed_fold_drops_the_epochs_that_it_repeats():
    cut = [FoldStarted(0, 0, 9), *[epoch_ended(0, n, (n + 1) / 4) for n in range(3)]]
    resumed = after(*cut, RunEnded("interrupted", 9.0), STARTED, FoldStarted(0, 1, 9))
    assert [event.epoch for event in resumed.folds[0].epochs] == [0]
    assert resumed.folds[0].progress == 0.25
    assert resumed.ended == ""


def test_that_batches_skipped_on_the_way_change_nothing():
    random = np.random.default_rng(0)
    events = [STARTED]
    for _ in range(300):
        fold, share = int(random.integers(-1, 3)), float(random.random())
        drawn = [
            *[BatchEnded(fold, 0, share * part) for part in (0.2, 0.6, 1.0)],
            FoldStarted(fold, 0, 9),
            epoch_ended(fold, 0, share),
            Progressed("Packing images", 1, 2),
            Failed("Disk full.", fold=fold),
            RunEnded("stopped", 1.0),
            STARTED,
        ]
        events += [drawn[number] for number in random.integers(0, len(drawn), 3)]
        one_by_one = RunProgress()
        for event in events:
            one_by_one = one_by_one.after(event)
        assert follow(RunProgress(), events) == one_by_one


def test_that_resume_keeps_finished_folds_and_forgets_failures():
    first = [FoldEnded(0, {"nm": 0.8}, 9.0), Failed("Out of memory.", fold=1), Failed("Disk full.")]
    failed = after(*first)
    assert (failed.folds[1].failed, failed.failed) == ("Out of memory.", "Disk full.")
    again = follow(failed, [STARTED])
    assert again.folds[0].ended
    assert (again.folds[1].failed, again.failed) == ("", "")


def test_that_the_end_says_its_state():
    assert after(Progressed("Packing images", 1, 2), RunEnded("stopped", 1.0)).ended == "stopped"


@pytest.mark.parametrize("event", [BatchEnded(2, 0, 0.5), BatchEnded(-2, 0, 0.5)])
def test_that_an_event_of_no_known_fold_changes_nothing(event):
    assert after(event) == after()


def test_that_a_log_that_repeats_itself_keeps_each_epoch_once():
    started = RunStarted(2, 3, "cpu", "fp32", 1)
    progress = follow(RunProgress(), [started, *[epoch_ended(0, n) for n in (0, 1, 1, 0, 1)]])
    assert [epoch.epoch for epoch in progress.folds[0].epochs] == [0, 1]


def test_that_starting_again_keeps_what_was_done_and_forgets_failures():
    started = RunStarted(3, 3, "cpu", "fp32", 1)
    before = follow(RunProgress(), [started, epoch_ended(1, 0), Failed("It failed.", fold=2)])
    again = before.after(started)
    assert again.folds[1].epochs == before.folds[1].epochs
    assert [fold.failed for fold in again.folds] == ["", "", ""]
    assert len(again.after(RunStarted(1, 3, "cpu", "fp32", 1)).folds) == 1
