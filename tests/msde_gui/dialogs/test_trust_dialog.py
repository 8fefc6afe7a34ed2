"""The window was opened in a folder from a stranger."""

import os

import pytest

from msde_gui.dialogs.import_model import ImportModel
from msde_gui.session.analysis_client import AnalysisClient
from msde_gui.session.jobs import Job
from tests import foreign_code


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    place = foreign_code.folder(tmp_path / "stranger")
    monkeypatch.chdir(place)
    monkeypatch.setenv("PYTHONPATH", os.pathsep + os.environ.get("PYTHONPATH", ""))
    return place


def test_that_a_job_runs_none_of_its_code(qtbot, stranger):
    job = Job("Look for methods", ["methods"])
    with qtbot.waitSignal(job.succeeded, timeout=30_000) as answer:
        job.start()
    assert answer.args[0]["methods"]
    assert foreign_code.ran(stranger) == []


def test_that_an_analysis_runs_none_of_its_code(qtbot, stranger, study_folder):
    analyst = AnalysisClient(study_folder)
    question = analyst.ask("astrology", {})
    with qtbot.waitSignal(question.failed, timeout=30_000) as told:
        pass
    analyst.close()
    assert "astrology" in told.args[0]
    assert foreign_code.ran(stranger) == []


def test_that_a_folder_typed_there_is_the_one_meant(qtbot, stranger, session, monkeypatch):
    asked = []
    monkeypatch.setattr(session, "start", lambda title, words: asked.append(words) or Job("", []))
    model = ImportModel(session)
    model.choose(folder="faces", study="new")
    model.look()
    assert asked[0][:4] == ["import", str(stranger / "faces"), "--study", str(stranger / "new")]
