"""What the engine says of the run in the form: who teaches it, and what speaks against it."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.experiment.catalogue import NeededTeacher
from engine.store.runs import State
from msde_gui.pages.experiments.queue_model import number
from msde_gui.session.jobs import Job
from msde_gui.session.session import Session

PAUSE = 700  # ms after the last edit
AUTOMATIC = "Automatic"


class Teaching(QObject):
    """Asked a moment after the last edit: the teacher in a sentence, warnings, or a refusal."""

    changed = Signal()

    def __init__(self, session: Session, arguments: Callable[[], list[str]]) -> None:
        super().__init__()
        self._session, self._arguments = session, arguments
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._start)
        self.sentence = ""
        self.problem = ""
        self.warnings: tuple[str, ...] = ()

    def ask(self, needed: NeededTeacher | None, alike: bool = False) -> None:
        """Ask about the form as it is now, if it needs a teacher or has look-alikes."""
        self._forget()
        self.problem, self.warnings = "", ()
        self.sentence = "Looking for its teacher…" if needed else ""
        if needed or alike:
            self._timer.start()

    def _start(self) -> None:
        self._job = self._session.start("Look at the plan", [*self._arguments(), "--dry-run"])
        self._job.succeeded.connect(self._answered)
        self._job.failed.connect(self._refused)
        self._job.ended.connect(self._ended)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self.sentence = str(answer["taught"])
        self.warnings = tuple(map(str, answer["warnings"]))
        self.changed.emit()

    def _refused(self, sentence: str, _: str) -> None:
        self.sentence, self.problem = "", sentence
        self.changed.emit()

    def _ended(self) -> None:
        self._job = None

    def _forget(self) -> None:
        self._timer.stop()
        if self._job:
            self._job.cancel()


def teachers(session: Session, needed: NeededTeacher | None) -> dict[str, str]:
    """Titles of the finished runs that learnt what a teacher has to, by id, newest first."""
    views = session.runs.views[::-1] if session.runs and needed else []
    return {
        view.id: f"Run {number(view.id)} · {view.experiment.preset} · seed {view.experiment.seed}"
        for view in views
        if view.state is State.FINISHED
        and needed
        and (view.experiment.method, view.experiment.train) == (needed.method, needed.train)
    }


def schema(titles: Mapping[str, str]) -> dict[str, Any]:
    """The form's field."""
    return {
        "description": "The run whose networks this one learns from, fold by fold. Automatic: a "
        "run that learnt what this one implies (same seed, training, preset, weights, folds and "
        "images) is used, else one is trained first",
        "enum": ["", *titles],
        "enumNames": [AUTOMATIC, *titles.values()],
    }
