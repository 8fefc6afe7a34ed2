import io
import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from engine.analysis import server
from engine.analysis.base import Analyses
from engine.domain import Failure
from engine.events import Progressed
from engine.store.study import Study


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
    monkeypatch.setattr("engine.analysis.base.named", lambda name, base, package: Counting)
    return Analyses(None)


def heard(analyses, question, asked=None):
    said = []
    server._reply(analyses, question, asked or server.PendingQuestions(), said.append)
    return said


def test_that_events_come_before_the_answer(analyses):
    said = heard(analyses, {"id": 3, "ask": "counting", "request": {"steps": 2}})
    assert [message["id"] for message in said] == [3, 3, 3]
    assert [message["event"]["done"] for message in said[:2]] == [0, 1]
    assert said[2]["answer"] == {"counted": 2}


def test_that_a_failure_is_one_sentence(analyses):
    (said,) = heard(analyses, {"id": 1, "ask": "counting", "request": {"steps": -1}})
    assert said["error"] == "Steps are counted from 0: choose more."
    (said,) = heard(analyses, {"id": 1, "ask": "counting", "request": {"steps": 13}})
    assert "not enough memory" in said["error"]
    assert "MemoryError" in said["details"]


def test_that_a_wrong_request_names_the_field(analyses):
    (said,) = heard(analyses, {"id": 1, "ask": "counting", "request": {"steps": "many"}})
    assert "steps" in said["error"]
    assert "many" in said["error"]


def test_that_a_cancelled_question_ends_at_its_next_report(analyses):
    asked = server.PendingQuestions()
    said = []

    def say(message):
        said.append(message)
        asked.listen(io.StringIO('{"cancel": 1}\n'))

    asked.check(1)
    server._reply(analyses, {"id": 1, "ask": "counting", "request": {"steps": 9}}, asked, say)
    assert len(said) == 2
    assert said[1] == {"id": 1, "cancelled": True}


def test_that_the_end_of_the_pipe_cancels_everything():
    asked = server.PendingQuestions()
    asked.listen(io.StringIO('nonsense\n[1]\n{"id": 1}\n'))
    assert list(asked.questions()) == []


def test_that_the_process_answers_and_ends_with_its_pipe(tmp_path):
    Study(tmp_path / "study", create=True).close()
    command = [sys.executable, "-m", "engine", "analyse", str(tmp_path / "study")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b'{"id": 7, "ask": "astrology", "request": {}}\n')
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(20) == 0
    assert answer["id"] == 7
    assert "astrology" in answer["error"]
