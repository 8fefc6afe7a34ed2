"""What the view of attention shows: the choice, what was found, and how far the rest is."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.attention.answer import AttentionAnswer, AttentionFound
from engine.domain import Condition
from engine.events import Progressed
from msde_gui.pages.attention.request import AttentionChoice
from msde_gui.session.analysis_client import Question
from msde_gui.session.run_choice import keep, list_finished, newest, toggle
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session

EARLY = 3  # seconds in which nobody knows how long it will take
LONG = 90  # seconds; more are said in minutes


@dataclass(frozen=True)
class AttentionProgress:
    """How far the computation has come."""

    text: str
    done: int = 0
    total: int = 0  # 0: unknown


class AttentionModel(QObject):
    """Asks for what is kept as soon as the choice is another one, for the rest when told to."""

    changed = Signal()  # the choice, the runs to choose from, what was found, whether it computes
    worked = Signal()  # ``work`` is another one

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._question: Question | None = None
        self._kept = False  # the question is for what need not be computed
        self._awake = False
        self._begun = 0.0
        self.offered: tuple[str, ...] = ()  # runs, oldest first
        self.layers: tuple[str, ...] = ()
        self.choice = AttentionChoice()
        self.found: AttentionFound | None = None
        self.work: AttentionProgress | None = None
        session.study_changed.connect(self._begin)
        session.runs_changed.connect(self._follow)
        self._begin()

    @property
    def computing(self) -> bool:
        return self._question is not None and not self._kept

    @property
    def looking(self) -> bool:
        """Whether it is not known yet what is kept."""
        return self._question is not None and self._kept

    def wake(self) -> None:
        """Somebody looks: from now on what is kept is asked for without being told to."""
        if not self._awake:
            self._awake = True
            self._look()
            self.changed.emit()

    def choose(self, **changes: Any) -> None:
        """Fields of ``AttentionChoice``."""
        choice = replace(self.choice, **changes)
        if choice != self.choice:
            self._take(choice)

    def toggle_run(self, name: str) -> None:
        """Show a run, or no longer; in the order they were made."""
        self.choose(runs=toggle(self.choice.runs, name, self.offered))

    def compute(self) -> None:
        """All of it; what is kept of a run is only read."""
        self._ask(kept=False)

    def cancel(self) -> None:
        """Runs that are whole by now are kept."""
        self._leave()
        self.changed.emit()

    def select(self, run: str, rows: NDArray[np.int64], part: str) -> None:
        """Rows of what was found; ``part`` says which they are."""
        if self.found:
            self._select(self.found.samples[rows], (*self._chips(), part, run), run)

    def select_mean(self, run: str, cell: int) -> None:
        """The faces of an average."""
        if self.found:
            kind = expression, condition = self.found.cells[cell]
            known = (self._session.sample(int(number)) for number in self.found.samples)
            ids = [one.id for one in known if one and (one.expression, one.condition) == kind]
            chips = (condition.title, expression.title, "average face", run)
            self._select(np.array(ids, dtype=np.int64), chips, run)

    def _select(self, ids: NDArray[np.int64], chips: tuple[str, ...], run: str) -> None:
        row_of = self._session.dataset.row_of
        known = tuple(number for number in ids.tolist() if number in row_of)
        self._session.select(Selection(known, chips, run))

    def _chips(self) -> tuple[str, ...]:
        names = {c.short: c.title for c in Condition}
        shown = (names.get(self.choice.condition, ""), self.choice.expression)
        return tuple(filter(None, shown))

    def _begin(self) -> None:
        """Another study."""
        self._leave()
        views = self._session.runs.views if self._session.runs else []
        self.offered, self.layers = list_finished(views), ()
        self._take(replace(AttentionChoice(), runs=newest(views, self.offered)))

    def _follow(self) -> None:
        """A run that is finished now can be chosen; one that has gone is chosen no longer."""
        views = self._session.runs.views if self._session.runs else []
        listed = list_finished(views)
        if listed == self.offered:
            return
        self.offered = listed
        runs = keep(self.choice.runs, views, listed)
        if runs != self.choice.runs:
            self._take(replace(self.choice, runs=runs))
        else:
            self.changed.emit()

    def _take(self, choice: AttentionChoice) -> None:
        self.choice, self.found = choice, None
        self._leave()
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        if self._awake and self.choice.runs:
            self._ask(kept=True)

    def _ask(self, *, kept: bool) -> None:
        if self._session.analyst is None or not self.choice.runs:
            return
        self._leave()
        question = self._session.analyst.ask("attention", self.choice.request(kept=kept))
        self._question, self._kept, self._begun = question, kept, time.monotonic()
        question.reported.connect(lambda event: self._progress(question, event))
        question.succeeded.connect(lambda answer: self._hear(question, answer))
        question.failed.connect(lambda *words: self._fail(question, *words))
        question.ended.connect(lambda: self._end(question))
        self._say(None if kept else AttentionProgress("Starting"))
        self.changed.emit()

    def _leave(self) -> None:
        """A look for what is kept goes by unheard: to cancel it could end a process that starts."""
        question, self._question = self._question, None
        if question and not self._kept:
            question.cancel()
        self._say(None)

    def _progress(self, question: Question, event: object) -> None:
        if question is self._question and isinstance(event, Progressed):
            self._say(AttentionProgress(event.step + self._left(event), event.done, event.total))

    def _left(self, event: Progressed) -> str:
        """How long it will take, by the pace so far."""
        past = time.monotonic() - self._begun
        if past < EARLY or not event.done:
            return ""
        seconds = past * (event.total - event.done) / event.done
        left = f"{seconds / 60:.0f} min" if seconds > LONG else f"{seconds:.0f} s"
        return f" · about {left} left"

    def _hear(self, question: Question, answer: AttentionAnswer) -> None:
        if question is self._question:
            self.layers, self.found = answer.layers, answer.found or self.found

    def _fail(self, question: Question, sentence: str, details: str) -> None:
        if question is self._question and not self._kept:
            self._session.failed.emit(sentence, details)

    def _end(self, question: Question) -> None:
        if question is self._question:
            self._question = None
            self._say(None)
            self.changed.emit()

    def _say(self, work: AttentionProgress | None) -> None:
        self.work = work
        self.worked.emit()
