import threading

import pytest

from engine.store import queue
from tests.engine import making


@pytest.fixture
def runs(tmp_path):
    return [making.run(tmp_path, seed=seed) for seed in range(3)]


@pytest.fixture
def folder(runs):
    return runs[0].folder.parent


def test_that_runs_wait_in_the_order_in_which_they_came(runs, folder):
    for run in (runs[1], runs[0], runs[2], runs[1]):
        queue.join(run)
    assert queue.list_queued(folder) == [runs[1], runs[0], runs[2]]
    assert queue.leave(runs[0])
    assert not queue.leave(runs[0])
    assert queue.list_queued(folder) == [runs[1], runs[2]]


def test_that_a_folder_in_the_place_of_a_place_is_none(runs, folder):
    queue.join(runs[1])
    (runs[0].folder / "queued").mkdir()
    assert queue.list_queued(folder) == [runs[1]]
    assert not queue.leave(runs[0])


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"place": "x"}', b'{"place": 1e999}', b"\xff\xfe\0"]
)
def test_that_a_damaged_place_is_the_last(runs, folder, content):
    (runs[0].folder / "queued").write_bytes(content)
    queue.join(runs[1])
    assert queue.list_queued(folder) == [runs[1], runs[0]]


def test_that_a_run_whose_worker_ended_leaves_unless_the_queue_was_stopped(runs, folder):
    for run in runs:
        queue.join(run)
    queue.settle(runs[0])
    queue.hold(folder)
    queue.settle(runs[1])
    assert queue.list_queued(folder) == runs[1:]
    queue.release(folder)
    assert not queue.is_held(folder)


def test_that_only_one_decides_at_a_time(tmp_path):
    inside, most = [], []

    def decide():
        for _ in range(50):
            with queue.turn(tmp_path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


def test_that_a_turn_follows_no_link(tmp_path):
    (tmp_path / ".turn").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"\.turn"), queue.turn(tmp_path):
        pass
    assert not (tmp_path / "elsewhere").exists()
