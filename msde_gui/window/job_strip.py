"""The strip at the bottom: what works now, how far it is, and how to stop it."""

from datetime import datetime

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QWidget,
)

from engine.store.runs import State
from msde_gui.session.jobs import Job
from msde_gui.session.run_list import RunView
from msde_gui.session.session import Session
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided, label

STEPS = 1000  # of a progress bar
WIDE = 1300  # px from which two entries find room; further ones are counted


class Entry(QWidget):
    """One piece of work: name, how far, a bar, the time left, a button."""

    def __init__(self, name: str, verb: str) -> None:
        super().__init__()
        self.name = Elided(name)
        self.name.setStyleSheet("font-weight: 600;")
        self.text = Elided("", "dim")
        self.left = Elided("", "dim")
        self.bar = QProgressBar(textVisible=False, maximum=STEPS)
        self.bar.setMinimumWidth(60)
        self.bar.setMaximumWidth(150)
        self.button = QPushButton(verb)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(10)
        for one in (self.name, self.text, self.bar, self.left, self.button):
            row.addWidget(one)

    def show_progress(self, text: str, fraction: float | None, left: str = "") -> None:
        """A fraction of None is not known yet."""
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.left.setText(left)
        self.left.setVisible(bool(left))
        self.bar.setMaximum(0 if fraction is None else STEPS)
        self.bar.setValue(round((fraction or 0) * STEPS))


class JobStrip(QFrame):
    """Follows the jobs and the working runs of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries: dict[str, Entry] = {}
        self.setProperty("bar", "bottom")
        self.setFixedHeight(46)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self.more = label("", "dim")
        self.said = Elided("", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.addLayout(self._row)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.said)
        session.said.connect(self._say)
        session.jobs_changed.connect(self._follow)
        session.runs_changed.connect(self.refresh)
        session.study_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """One entry for each job and working run, in place if it was there before."""
        runs = self._session.runs.working if self._session.runs else []
        jobs = [job for job in self._session.jobs if not job.cancelled]
        wanted = {f"job {id(job)}": job for job in jobs} | {view.id: view for view in runs}
        for key in set(self._entries) - set(wanted):
            self._entries.pop(key).deleteLater()
        room = 2 if self.width() >= WIDE else 1
        for number, (key, work) in enumerate(wanted.items()):
            entry = self._entries.get(key) or self._added(key, work)
            entry.setVisible(number < room)
            self._show(entry, work)
        rest = len(wanted) - room
        self.more.setText(f"and {rest} more" if rest > 0 else "" if wanted else "Nothing runs")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.refresh()

    def _added(self, key: str, work: Job | RunView) -> Entry:
        if isinstance(work, Job):
            entry = Entry(work.title, "Cancel")
            entry.button.clicked.connect(lambda: self._cancel(work))
        else:
            entry = Entry(work.id, "Stop")
            entry.button.clicked.connect(lambda: self._stop(key))
        self._entries[key] = entry
        self._row.addWidget(entry)
        return entry

    def _show(self, entry: Entry, work: Job | RunView) -> None:
        entry.button.setIcon(icon("mdi6.stop"))
        if isinstance(work, Job):
            step = work.step
            text = f"{step.step} · {step.done:,} of {step.total:,}" if step else ""
            entry.show_progress(text, step.done / max(1, step.total) if step else None)
            return
        stopping = work.state is State.STOPPING
        entry.button.setVisible(not stopping)
        text = "Stopping: finishing batch" if stopping else how_far(work)
        left = "" if stopping else time_left(work.progress.seconds_left)
        entry.show_progress(text, fraction(work), left)

    def _follow(self) -> None:
        for job in self._session.jobs:
            if f"job {id(job)}" not in self._entries:
                job.reported.connect(self.refresh)
        self.refresh()

    def _cancel(self, job: Job) -> None:
        job.cancel()
        self.refresh()

    def _stop(self, run: str) -> None:
        if self._session.runs:
            self._session.runs.stop(run)
        self.refresh()

    def _say(self, text: str) -> None:
        self.said.setText(f"{text}  {datetime.now():%H:%M:%S}")


def fraction(view: RunView) -> float | None:
    """The progress of the run, or of the step before it; nothing as long as neither is known."""
    step, progress = view.progress.step, view.progress
    if step:
        return step.done / max(1, step.total)
    return progress.fraction if progress.folds else None


def how_far(view: RunView) -> str:
    """Such as “fold 5 of 10 · epoch 12 of 25”."""
    progress = view.progress
    if progress.step:
        return f"{progress.step.step} · {progress.step.done:,} of {progress.step.total:,}"
    at_work = [(n, f) for n, f in enumerate(progress.folds) if f.started and not f.ended]
    if not at_work:
        return "starting"
    names = " and ".join(str(number + 1) for number, _ in at_work[:2])
    epoch = min(len(fold.epochs) for _, fold in at_work) + 1
    word = "fold" if len(at_work) == 1 else "folds"
    last = min(epoch, progress.epochs)
    return f"{word} {names} of {len(progress.folds)} · epoch {last} of {progress.epochs}"


def time_left(seconds: float | None) -> str:
    """In the largest unit that says enough."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 100 else f"about {round(minutes / 60)} h"
