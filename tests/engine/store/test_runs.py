import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from engine.domain import Failure
from engine.events import BatchEnded, Failed, RunEnded, encode
from engine.experiment.folds import protocol
from engine.store import event_log as log
from engine.store import runs
from engine.store.event_log import events_since
from engine.store.files import read_json, write_json
from engine.store.runs import State, discard, find_run, runs_in
from tests.engine.making import experiment, finish
from tests.engine.making import run as queued


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Tëst データ"


@pytest.fixture
def run(folder):
    return queued(folder)


@pytest.fixture
def worker():
    """Another living process."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def beat(run, **changes):
    run.beat()
    pulse = read_json(run.folder / "heartbeat")
    write_json(run.folder / "heartbeat", pulse | changes)


def test_that_a_new_run_is_queued_and_knows_what_to_do(run):
    assert run.state() is State.QUEUED
    assert run.experiment == experiment()
    assert run.protocol == protocol([["a"], ["b"]], 0)
    assert run.predictions() is None
    assert run.worker() is None


def test_that_a_run_with_a_living_worker_runs_until_it_is_told_to_stop(run, worker):
    run.beat(worker.pid)
    assert run.state() is State.RUNNING
    assert run.worker() == worker.pid
    run.stop_file.touch()
    assert run.state() is State.STOPPING
    worker.kill()
    worker.wait()
    assert run.state() is State.STOPPED
    assert run.worker() is None


def test_that_a_run_whose_worker_died_is_interrupted(run, worker):
    run.beat(worker.pid)
    worker.kill()
    deadline = time.monotonic() + 10
    while psutil.Process(worker.pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
    assert run.state() is State.INTERRUPTED  # though nobody has waited for it yet
    worker.wait()
    assert run.state() is State.INTERRUPTED


def test_that_a_process_with_the_workers_number_is_not_the_worker(run):
    beat(run, started=psutil.Process().create_time() - 3600)
    assert run.state() is State.INTERRUPTED


@pytest.mark.parametrize(("age", "state"), [(5, State.RUNNING), (60, State.INTERRUPTED)])
def test_that_a_worker_on_another_machine_lives_by_its_heartbeat(run, age, state):
    beat(run, host=f"not-{socket.gethostname()}", time=time.time() - age)
    assert run.state() is state


@pytest.mark.parametrize(
    "content",
    [
        "",
        '{"pid": 1',
        "{}",
        "[]",
        '{"pid": "x", "started": 1}',
        '{"pid": 1e30, "started": 1}',
        '{"pid": -1, "started": 1, "host": "", "time": 1e999}',
        '{"pid": 4294967297, "started": NaN}',
    ],
)
def test_that_a_damaged_heartbeat_is_no_life(run, content):
    (run.folder / "heartbeat").write_text(content)
    assert not run.state().alive


def test_that_a_run_with_every_fold_predicted_is_finished(run):
    finish(run, 0)
    assert run.finished_folds() == [0]
    assert run.state() is State.QUEUED
    finish(run, 1)
    run.stop_file.touch()
    assert run.state() is State.FINISHED
    assert run.predictions().samples.tolist() == [1, 2]


def test_that_a_failed_run_says_why(run):
    beat(run, started=0)
    write_json(run.folder / "failed.json", {"message": "Disk full."})
    assert run.state() is State.FAILED
    assert run.failure() == "Disk full."


def test_that_a_failure_is_not_hidden_by_a_stop_asked_for_meanwhile(run):
    write_json(run.folder / "failed.json", {"message": "Disk full."})
    run.stop_file.touch()
    assert run.state() is State.FAILED


def test_that_a_run_without_failure_says_nothing(run):
    assert run.failure() == ""


@pytest.mark.parametrize("state", State)
def test_that_a_state_is_alive_or_resumable_or_finished(state):
    assert [state.alive, state.resumable, state is State.FINISHED].count(True) == 1


def test_that_runs_are_numbered_in_order(folder):
    made = [queued(folder), queued(folder, train="mix"), queued(folder)]
    assert [run.id for run in made] == ["001-baseline-nm", "002-baseline-mix", "003-baseline-nm"]
    assert runs_in(folder / "runs") == made


def test_that_the_thousandth_run_is_not_before_the_second(folder):
    queued(folder).folder.rename(folder / "runs/999-baseline-nm")
    made = queued(folder)
    assert made.id == "1000-baseline-nm"
    assert runs_in(folder / "runs")[-1] == made


def test_that_runs_made_at_once_get_a_number_each(folder):
    trains = ["nm", "m", "mix"] * 8
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda train: queued(folder, train=train), trains))
    assert [run.experiment.train for run in made] == trains
    numbers = sorted(run.id[:3] for run in made)
    assert numbers == [f"{number:03}" for number in range(1, 25)]
    assert not list((folder / "runs").glob(".*"))


def test_that_a_number_taken_meanwhile_is_left_to_who_took_it(folder, run, monkeypatch):
    monkeypatch.setattr(runs, "_number", lambda name: 0)  # what it was before ``run`` was made
    assert queued(folder, train="mix").id == "002-baseline-mix"


def test_that_a_half_made_run_is_not_listed(folder, run):
    (folder / "runs/.002").mkdir()
    (folder / "runs/003-baseline-nm").mkdir()
    assert runs_in(folder / "runs") == [run]
    assert queued(folder).id == "004-baseline-nm"


def test_that_a_study_without_runs_has_none(folder):
    assert runs_in(folder / "runs") == []


@pytest.mark.parametrize("name", ["1", "001", "001-baseline-nm"])
def test_that_a_run_is_found_by_its_number_or_name(folder, run, name):
    assert find_run(folder / "runs", name) == run


@pytest.mark.parametrize("name", ["2", "baseline", "", "²"])
def test_that_an_unknown_run_lists_those_there_are(folder, run, name):
    with pytest.raises(Failure, match=f"no run “{name}”: the study has 001-baseline-nm"):
        find_run(folder / "runs", name)


@pytest.fixture
def trash(monkeypatch):
    """A system without a trash, so that tests fill nobody's."""

    def none(path):
        raise OSError(f"no trash for {path}")

    monkeypatch.setattr(runs.send2trash, "send2trash", none)


def test_that_a_working_run_is_not_discarded(run, worker, trash):
    run.beat(worker.pid)
    with pytest.raises(Failure, match="001-baseline-nm is still working: stop it first"):
        discard(run)
    assert run.folder.exists()


def test_that_a_discarded_run_can_be_brought_back(folder, run, trash):
    finish(run, 0, 1)
    discard(run)
    assert runs_in(folder / "runs") == []
    [kept] = (folder / "trash").iterdir()
    kept.rename(run.folder)
    assert run.state() is State.FINISHED


def test_that_events_are_read_from_where_one_left_off(tmp_path):
    file = tmp_path / "events.jsonl"
    first, second = BatchEnded(0, 0, 0.5), Failed("“Tëst\u2028データ\x85” is gone.")
    file.write_text(encode(first) + "\n", encoding="utf-8")
    events, offset = events_since(file, 0)
    assert events == [first]
    assert events_since(file, offset) == ([], offset)
    with file.open("a", encoding="utf-8") as log:
        log.write(encode(second) + "\n")
    assert events_since(file, offset) == ([second], file.stat().st_size)


@pytest.mark.parametrize("cut", [1, 20, -2])
def test_that_a_half_written_line_waits_for_its_rest(tmp_path, cut):
    file = tmp_path / "events.jsonl"
    lines = [encode(RunEnded(f"データ {n}", 1.0)).encode() + b"\n" for n in range(2)]
    file.write_bytes(lines[0] + lines[1][:cut])
    events, offset = events_since(file, 0)
    assert (len(events), offset) == (1, len(lines[0]))
    file.write_bytes(lines[0] + lines[1])
    assert events_since(file, offset)[0] == [RunEnded("データ 1", 1.0)]


def test_that_a_line_without_end_is_passed_over_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LONGEST_LINE", 100)
    file, whole = tmp_path / "events.jsonl", RunEnded("stopped", 1.0)
    file.write_text("x" * 1050 + "\n" + encode(whole) + "\n", encoding="utf-8")
    offset, events, looks = 0, [], 0
    while offset < file.stat().st_size:
        before = offset
        some, offset = events_since(file, offset, 100)
        events += some
        looks += 1
        assert before < offset <= before + 200
    assert events == [whole]
    assert looks > 5


def test_that_all_that_a_run_said_is_read_without_outdated_batches(run, monkeypatch):
    monkeypatch.setattr(log, "PIECE", 200)
    batches = [BatchEnded(0, 0, n / 100) for n in range(100)]
    lines = [encode(one) + "\n" for one in [*batches, RunEnded("stopped", 1.0)]]
    run.events_file.write_text("".join(lines), encoding="utf-8")
    said = run.events()
    assert said[-2:] == [batches[-1], RunEnded("stopped", 1.0)]
    assert len(said) < 60


def test_that_of_an_endless_log_the_beginning_is_read(run, monkeypatch):
    monkeypatch.setattr(log, "PIECE", 200)
    monkeypatch.setattr(log, "MOST_EVENTS", 50)
    run.events_file.write_text((encode(RunEnded("stopped", 1.0)) + "\n") * 1000, encoding="utf-8")
    assert 50 <= len(run.events()) < 60


def test_that_a_log_that_is_no_file_is_told(run):
    run.events_file.mkdir()
    with pytest.raises(Failure, match=r"events\.jsonl cannot be read"):
        run.check()


def test_that_a_failure_that_cannot_be_read_is_told_in_its_place(run):
    write_json(run.folder / "failed.json", ["Disk full."])
    assert "failed.json is damaged" in run.failure()


@pytest.mark.parametrize("name", ["../../x", "..", "a/b", "a\\b", ".hidden", "x" * 300])
def test_that_a_teacher_lies_beside_its_student(run, name):
    plan = read_json(run.folder / "experiment.json")
    write_json(run.folder / "experiment.json", plan | {"teacher": name})
    with pytest.raises(Failure, match=r"experiment\.json is damaged. Setting teacher = "):
        run.check()


def test_that_a_damaged_line_does_not_hide_the_next(tmp_path):
    file = tmp_path / "events.jsonl"
    whole = encode(RunEnded("stopped", 1.0)).encode()
    file.write_bytes(whole[:9] + b"\xff\n" + whole + b"\n")
    assert events_since(file, 0)[0] == [RunEnded("stopped", 1.0)]


def test_that_a_run_that_has_said_nothing_has_no_events(tmp_path):
    assert events_since(tmp_path / "events.jsonl", 0) == ([], 0)
