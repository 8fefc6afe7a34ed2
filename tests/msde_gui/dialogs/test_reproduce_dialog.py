import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from engine.paper.tables import TABLES
from msde_gui.dialogs import reproduce_dialog

PLAN = [
    {"name": "003-baseline-nm", "label": "teacher of KD", "what": "used again", "time": ""},
    {"name": "scan-pairs", "label": "SCAN", "what": "is trained", "time": "about 7 minutes"},
]
NOTE = "The faces of this study were rendered."
FORESEEN = {
    "preset": "quick",
    "plan": PLAN,
    "told": "1 of 2 runs is to be worked on.",
    "notes": [NOTE],
}
QUEUED = {"todo": ["001-baseline-nm", "002-distillation-pairs"], "preset": "quick"}


class Job(QObject):
    succeeded = Signal(object)
    failed = Signal(str, str)


class Session(QObject):
    """What the menu needs of a session; commands are kept instead of run."""

    failed = Signal(str, str)
    said = Signal(str)

    def __init__(self, folder):
        super().__init__()
        self.study = type("Study", (), {"folder": folder})()
        self.started, self.enqueued, self.told, self.jobs = [], [], [], []
        self.runs = type("Runs", (), {"enqueue": lambda _, name: self.enqueued.append(name)})()
        self.said.connect(self.told.append)

    def start(self, title, arguments):
        self.started.append(arguments)
        self.jobs.append(Job(self))
        return self.jobs[-1]


@pytest.fixture
def session(qtbot, tmp_path):
    return Session(tmp_path)


@pytest.fixture
def button(qtbot, session):
    made = reproduce_dialog.button(session, lambda: "quick")
    qtbot.addWidget(made)
    return made


def dialog(button):
    return button.findChild(reproduce_dialog.Outlook)


def test_that_a_table_is_listed_first_and_queued_with_the_forms_preset(session, button):
    actions = button.menu().actions()
    assert [action.text() for action in actions] == [table.title for table in TABLES.values()]
    next(a for a in actions if a.text() == TABLES["table5"].title).trigger()
    words = ["reproduce", "table5", "--study", str(session.study.folder), "--preset", "quick"]
    assert session.started == [[*words, "--plan"]]
    session.jobs[0].succeeded.emit(FORESEEN)
    shown = [one.text() for one in dialog(button).findChildren(QLabel)]
    assert {"scan-pairs", "SCAN", "about 7 minutes", FORESEEN["told"], NOTE} <= set(shown)
    dialog(button).start.click()
    assert session.started[1:] == [[*words, "--queue"]]
    session.jobs[1].succeeded.emit(QUEUED)
    assert session.enqueued == QUEUED["todo"]
    assert "msde reproduce table5" in session.told[-1]


def test_that_nothing_is_queued_without_consent_or_need(session, button):
    for answer, verb in ((FORESEEN, "reject"), ({**FORESEEN, "plan": PLAN[:1]}, "accept")):
        button.menu().actions()[2].trigger()
        session.jobs[-1].succeeded.emit(answer)
        getattr(dialog(button), verb)()
        dialog(button).setParent(None)
    assert [words[-1] for words in session.started] == ["--plan", "--plan"]


def test_that_a_refusal_is_told(qtbot, session, button):
    button.menu().actions()[0].trigger()
    with qtbot.waitSignal(session.failed) as told:
        session.jobs[0].failed.emit("The study has no pairs.", "")
    assert told.args == ["The study has no pairs.", ""]


def test_that_a_form_without_methods_yet_asks_for_patience(session, qtbot):
    made = reproduce_dialog.button(session, lambda: "")
    qtbot.addWidget(made)
    made.menu().actions()[2].trigger()
    assert session.started == []
    assert "try again in a moment" in session.told[-1]
