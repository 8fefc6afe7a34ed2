import subprocess
import sys
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event

import pytest

from engine.analysis import server
from engine.analysis.base import Analyses
from engine.domain import Failure
from engine.events import Progressed
from engine.store.study import Study
from engine.system.messages import Answered, Asked, Dropped, Refused, Withdrawn, pack, read


@dataclass(frozen=True)
class Request:
    steps: int


class Counting:
    Request = Request

    def answer(self, study, request, report):
        if request.steps < 0:
            raise Failure("Steps are counted from 0: choose more.")
        if request.steps == 13:
            raise MemoryError
        for step in range(request.steps):
            report(Progressed("Counting", step, request.steps))
        return {"counted": request.steps}


@pytest.fixture
def analyses(monkeypatch):
    monkeypatch.setattr("engine.analysis.base.find_one", lambda name, base, package: Counting)
    return Analyses(None)


def heard(analyses, steps, wanted=None):
    said = []
    question = Asked(3, "counting", Request(steps))
    server._reply(analyses, question, wanted or server.Wanted(), said.append)
    return said


def test_that_events_come_before_the_answer(analyses):
    said = heard(analyses, 2)
    assert [message.number for message in said] == [3, 3, 3]
    assert [message.event.done for message in said[:2]] == [0, 1]
    assert said[2] == Answered(3, {"counted": 2})


def test_that_a_failure_is_one_sentence(analyses):
    (said,) = heard(analyses, -1)
    assert isinstance(said, Refused)
    assert said.sentence == "Steps are counted from 0: choose more."
    (said,) = heard(analyses, 13)
    assert "not enough memory" in said.sentence
    assert "MemoryError" in said.details


def test_that_a_wrong_request_names_the_field(analyses):
    (said,) = heard(analyses, "many")
    assert "steps" in said.sentence
    assert "many" in said.sentence


def test_that_a_cancelled_question_ends_at_its_next_report(analyses):
    wanted, said = server.Wanted(), []

    def say(message):
        said.append(message)
        wanted.withdraw(1)

    server._reply(analyses, Asked(1, "counting", Request(9)), wanted, say)
    assert len(said) == 2
    assert said[1] == Dropped(1)


def test_that_the_end_of_the_pipe_cancels_everything(analyses):
    wanted = server.Wanted()
    wanted.close()
    assert heard(analyses, 9, wanted) == [Dropped(3)]


@pytest.fixture
def process(tmp_path):
    """The real one, of an empty study."""
    Study(tmp_path / "study", create=True).close()
    command = [sys.executable, "-m", "engine", "analyse", str(tmp_path / "study")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_that_the_process_answers_and_ends_with_its_pipe(process):
    process.stdin.write(pack(Asked(7, "astrology", Request(1)))[:20])
    process.stdin.flush()
    process.stdin.write(pack(Asked(7, "astrology", Request(1)))[20:])
    process.stdin.flush()
    answer = next(read(process.stdout))
    process.stdin.write(pack(Withdrawn(7)) + pack(Asked(8, "astrology", Request(1)))[:-1])
    process.stdin.close()
    assert process.wait(20) == 0
    assert answer.number == 7
    assert "astrology" in answer.sentence
    assert list(read(process.stdout)) == []


class Deaf:
    """Ends only when a test says so."""

    Request = Request
    done = Event()

    def answer(self, study, request, report):
        assert Deaf.done.wait(20)
        return "deaf"


def test_that_a_long_question_holds_up_none_of_another_kind(tmp_path, monkeypatch):
    kinds = {"deaf": Deaf, "counting": Counting}
    monkeypatch.setattr("engine.analysis.base.find_one", lambda name, base, package: kinds[name])
    Study(tmp_path / "study", create=True).close()
    said = SimpleQueue()
    Deaf.done.clear()
    lanes = [
        server._start(tmp_path / "study", server.Wanted(), said.put) for _ in ("deaf", "counting")
    ]
    lanes[0][0].put(Asked(1, "deaf", Request(0)))
    lanes[1][0].put(Asked(2, "counting", Request(0)))
    assert said.get(timeout=20) == Answered(2, {"counted": 0})
    Deaf.done.set()
    assert said.get(timeout=20) == Answered(1, "deaf")
    for questions, thread in lanes:
        questions.put(None)
        thread.join(20)
        assert not thread.is_alive()
