import json

import pytest

from engine.cli import main
from engine.store import queue
from engine.store.study import Study
from tests.engine import making


@pytest.fixture
def study(tmp_path):
    Study(tmp_path, create=True).close()
    return tmp_path


def said(capsys, study, *words):
    with pytest.raises(SystemExit):
        main(["queue", "--study", str(study), "--json", *words])
    return json.loads(capsys.readouterr().out)


def test_that_the_queue_is_listed_and_changed(capsys, study):
    teacher = making.run(study)
    student = making.run(study, method="distillation", train="pairs", teacher=teacher.id)
    rows = said(capsys, study, "--add", student.id)["queue"]
    assert [row["run"] for row in rows] == [teacher.id, student.id]
    assert [row["waits_for"] for row in rows] == ["", teacher.id]
    assert [row["run"] for row in said(capsys, study, "--remove", "1")["queue"]] == [student.id]
    assert queue.list_queued(teacher.folder.parent) == [student]


def test_that_what_neither_works_nor_waits_cannot_be_taken_off(capsys, study):
    run = making.run(study)
    assert "nothing to stop" in said(capsys, study, "--remove", run.id)["error"]
