import pytest
from PySide6.QtCore import QProcess

from engine.embeddings.embedding import EmbeddingRequest
from engine.explanation.heatmap import ExplainRequest
from msde_gui.session.analysis_client import AnalysisClient


@pytest.fixture
def analyst(qtbot, study_folder):
    made = AnalysisClient(study_folder)
    yield made
    made.close()


def listening(question):
    """The sentences with which it fails."""
    heard = []
    question.failed.connect(lambda sentence, details: heard.append(sentence))
    return heard


def test_that_a_question_that_cannot_be_answered_fails_in_one_sentence(analyst, qtbot):
    question = analyst.ask("astrology", EmbeddingRequest(()))
    assert analyst.waiting == [question]
    heard = listening(question)
    with qtbot.waitSignal(question.ended, timeout=30_000):
        pass
    assert "astrology" in heard[0]
    assert analyst.waiting == []


def test_that_a_process_that_falls_fails_its_questions_and_is_started_again(analyst, qtbot):
    question = analyst.ask("astrology", EmbeddingRequest(()))
    with qtbot.waitSignal(question.failed, timeout=30_000) as blocker:
        analyst._lanes[False]._process.kill()
    assert "ended" in blocker.args[0]
    again = analyst.ask("astrology", EmbeddingRequest(()))
    with qtbot.waitSignal(again.failed, timeout=30_000) as blocker:
        pass
    assert "astrology" in blocker.args[0]


def test_that_nothing_is_heard_of_a_cancelled_question(analyst, qtbot):
    question = analyst.ask("astrology", EmbeddingRequest(()))
    heard = listening(question)
    with qtbot.waitSignal(question.ended, timeout=30_000):
        question.cancel()
    assert heard == []


def test_that_a_deaf_process_is_ended_and_the_other_questions_are_asked_again(
    analyst, qtbot, monkeypatch
):
    monkeypatch.setattr("msde_gui.session.analysis_client.PATIENCE", 0)
    deaf, other = (analyst.ask("astrology", EmbeddingRequest(())) for _ in range(2))
    lane = analyst._lanes[False]
    first = lane._process
    silent, heard = listening(deaf), listening(other)
    with qtbot.waitSignals([deaf.ended, other.ended], timeout=30_000):
        deaf.cancel()
    assert silent == []
    assert "astrology" in heard[0]
    assert lane._process is not first


def test_that_closing_ends_the_processes(qtbot, study_folder):
    analyst = AnalysisClient(study_folder)
    analyst.ask("astrology", EmbeddingRequest(()))
    process = analyst._lanes[False]._process
    process.waitForStarted()
    analyst.close()
    assert process.state() is QProcess.ProcessState.NotRunning


def test_that_heatmaps_have_a_process_of_their_own_and_the_rest_share_one(analyst, qtbot):
    asked = [analyst.ask(kind, EmbeddingRequest(())) for kind in ("astrology", "palmistry")]
    asked.append(analyst.ask("explain", ExplainRequest(("001-gone",), ())))
    heard = [listening(question) for question in asked]
    with qtbot.waitSignals([question.ended for question in asked], timeout=60_000):
        pass
    assert len(analyst._lanes) == 2
    for sentences, told in zip(heard, ("astrology", "palmistry", "001-gone"), strict=True):
        assert told in sentences[0]
