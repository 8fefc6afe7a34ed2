"""An analyst of one kind of question that computes nothing: the test answers."""

from PySide6.QtCore import QObject

from msde_gui.session.work import Work


class Question(Work):
    def __init__(self, request):
        super().__init__("")
        self.request = request

    def _stop(self):
        """Nothing works on it."""


class Oracle(QObject):
    """Answers when the test says so."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.asked = kind, []

    def ask(self, kind, request):
        assert kind == self.kind
        self.asked.append(Question(request))
        return self.asked[-1]

    def close(self):
        """Nothing runs."""
