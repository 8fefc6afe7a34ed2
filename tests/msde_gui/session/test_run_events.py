import pytest

from engine import events
from engine.events import BatchEnded, FoldEnded, FoldStarted, RunStarted, encode
from engine.experiment.progress import RunProgress, follow
from engine.store.event_log import events_since
from engine.store.runs import Run
from engine.store.study import Study
from msde_gui.session import run_events
from msde_gui.session.run_events import Following
from msde_gui.session.run_list import Runs
from tests.msde_gui import making

PIECE = 4096


@pytest.fixture
def pieces(monkeypatch):
    """How many bytes each look reads, by its run, in order."""
    monkeypatch.setattr(run_events, "PIECE", PIECE)
    read = []

    def watched(file, begin, most):
        found, end = events_since(file, begin, most)
        read.append((file.parent.name, end - begin))
        return found, end

    monkeypatch.setattr(run_events, "events_since", watched)
    return read


def said(folds=2, epochs=20, batches=30):
    """Everything that a run says."""
    told = [RunStarted(folds, epochs, "cpu", "fp32", 2)]
    for fold in range(folds):
        told.append(FoldStarted(fold, 0, 99))
        for number in range(epochs):
            steps = [number + (batch + 1) / batches for batch in range(batches)]
            told += [BatchEnded(fold, number, step / epochs) for step in steps]
            told.append(making.epoch(fold, number, epochs, {"nm": number / epochs}))
        told.append(FoldEnded(fold, {"nm": 0.5}, 9.0))
    return [*told, events.RunEnded("finished", 20.0)]


def written(folder, name, told):
    run = Run(folder / name)
    run.folder.mkdir()
    run.events_file.write_text("".join(f"{encode(event)}\n" for event in told))
    return run


def test_that_no_look_reads_more_than_a_piece_and_a_line(tmp_path, pieces):
    told = said()
    run = written(tmp_path, "001", told)
    longest = max(len(encode(event)) + 1 for event in told)
    reading, looks, left = Following(), 0, [run]
    while left:
        before = len(pieces)
        left = reading.read(left)
        assert sum(size for _, size in pieces[before:]) <= PIECE + longest
        looks += 1
    assert run.events_file.stat().st_size > 10 * PIECE
    assert looks > 10
    assert reading.progress(run.id) == follow(RunProgress(), told)


def test_that_the_first_runs_are_read_before_the_others(tmp_path, pieces):
    small, first, second = (
        written(tmp_path, name, said(batches=number, epochs=6))
        for name, number in (("003", 1), ("002", 9), ("001", 9))
    )
    reading = Following()
    assert list(reading.read([small, first, second])) == [first, second]
    assert reading.progress(small.id).folds[1].ended
    assert 0 < reading.progress(first.id).fraction < 1
    assert reading.progress(second.id) == RunProgress()


def test_that_an_event_longer_than_a_piece_is_read_whole(tmp_path, pieces):
    run = written(tmp_path, "001", [events.Failed("x" * 3 * PIECE), *said(epochs=1)])
    reading = Following()
    assert list(reading.read([run])) == [run]
    assert len(reading.progress(run.id).failed) == 3 * PIECE


def test_that_a_half_written_line_is_not_waited_for(tmp_path, pieces):
    run = written(tmp_path, "001", said(epochs=1, batches=2))
    with run.events_file.open("a") as log:
        log.write(encode(RunStarted(5, 1, "cpu", "fp32", 1)))
    reading = Following()
    assert not reading.read([run])
    assert len(reading.progress(run.id).folds) == 2


def test_that_long_runs_are_read_bit_by_bit_the_newest_first(tmp_path, qtbot, pieces):
    folder = making.study_in(tmp_path / "S")
    old, new = (making.run_in(folder, seed=seed) for seed in (0, 1))
    for run in (old, new):
        making.say(run, *said())
    with Study(folder) as study:
        opened = Runs(study)
        assert {name for name, _ in pieces} == {new.id}
        assert 0 < opened.view(new.id).progress.fraction < 1
        assert opened.view(old.id).progress == RunProgress()
        whole = follow(RunProgress(), said())
        qtbot.waitUntil(lambda: all(view.progress == whole for view in opened.views))
        opened.close(keep_running=False)
    assert max(size for _, size in pieces) < 2 * PIECE
