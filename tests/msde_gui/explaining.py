"""An analyst that computes nothing: a test decides when and what it answers."""

import numpy as np
from PySide6.QtCore import QObject

from engine.explanation.heatmap import Heatmaps, RunExplained, Unexplained
from engine.system.messages import Answered, Said
from msde_gui.session.analysis_client import Question

LAYERS = ("trunk", "trunk.layer3", "trunk.layer4")


class Analyst(QObject):
    """Stands in for that of a session."""

    def __init__(self):
        super().__init__()
        self.questions = []
        self.cancelled = []

    def ask(self, kind, request):
        assert kind == "explain"
        self.questions.append(Question(len(self.questions), kind, request, self))
        return self.questions[-1]

    def cancel(self, question):
        self.cancelled.append(question)

    def forget(self, question):
        """As a lane does."""

    def close(self):
        """As the analyst does."""

    @property
    def asked(self):
        """Runs and samples of each question."""
        return [(list(q.request.runs), list(q.request.samples)) for q in self.questions]

    def explain(self, question, run, peak=1.0, without=()):
        """Say the heatmaps of one run; a sample's highest value is its id times ``peak``."""
        samples = [number for number in question.request.samples if number not in without]
        event = RunExplained(run, heatmaps(samples, peak), LAYERS)
        question.hear(Said(question.number, event))

    def answer(self, question, failures=None, unread=None, **values):
        """All runs but those that fail, then the last word."""
        for run in question.request.runs:
            if run not in (failures or {}) and question.request.samples:
                self.explain(question, run, **values)
        question.hear(Answered(question.number, Unexplained(failures or {}, unread or {})))

    def answer_all(self, **values):
        """Until nothing more is asked."""
        done = 0
        while done < len(self.questions):
            if not self.questions[done].cancelled:
                self.answer(self.questions[done], **values)
            done += 1


def heatmaps(samples, peak):
    n = len(samples)
    values = np.array([[[0, 0.25], [0.5, 1]]], dtype=np.float32)
    shares = np.full((n, 7), 0.05, dtype=np.float32)
    shares[:, 1] = 0.7
    columns = {
        "samples": np.array(samples, dtype=np.int64),
        "folds": np.zeros(n, dtype=np.int64),
        "targets": np.ones(n, dtype=np.int64),
        "probabilities": shares,
        "values": values * peak * np.array(samples, dtype=np.float32)[:, None, None],
    }
    return Heatmaps(**columns, layer="trunk.layer4")
