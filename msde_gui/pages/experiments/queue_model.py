"""The runs as the queue shows them, which one is looked at, and what may be done with it."""

from PySide6.QtCore import QObject, QTimer, Signal

from engine.domain import Failure
from engine.events import EpochEnded
from engine.experiment.progress import FoldProgress
from engine.runs.repair import damages
from engine.store.runs import Run, State
from msde_gui.pages.experiments.run_log import shares
from msde_gui.plots.curves import CurveData
from msde_gui.session.run_list import DamagedRun, RunView
from msde_gui.session.session import Session
from msde_gui.widgets.fold_grid import FoldCell, RunRow

PATIENCE = 3000  # ms for the second click on Discard
FORCE_AFTER = 10_000  # ms after Stop


class QueueModel(QObject):
    """Follows the session's runs; the verbs act on the chosen one."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.chosen = ""
        self.armed = False  # the next Discard is meant
        self._looked = (("", ""), "")  # for damage: at which run in which state, what was found
        self.overdue = False  # Stop has not worked in time: offer force
        self._disarm = self._timer(PATIENCE)
        self._overdue = self._timer(FORCE_AFTER)
        self._disarm.timeout.connect(self._forgive)
        self._overdue.timeout.connect(self._lose_patience)
        session.runs_changed.connect(self._follow)
        self._follow()

    @property
    def views(self) -> list[RunView]:
        """Newest first."""
        runs = self._session.runs
        return runs.views[::-1] if runs else []

    @property
    def view(self) -> RunView | None:
        """The chosen run."""
        return next((view for view in self.views if view.id == self.chosen), None)

    @property
    def damaged(self) -> list[DamagedRun]:
        """Those that cannot be shown, newest first."""
        runs = self._session.runs
        return runs.damaged[::-1] if runs else []

    @property
    def fault(self) -> str:
        """Why the chosen run cannot be shown; empty if it can."""
        return next((one.fault for one in self.damaged if one.id == self.chosen), "")

    @property
    def waiting(self) -> tuple[str, ...]:
        return self._session.runs.waiting if self._session.runs else ()

    @property
    def held(self) -> bool:
        """Whether what waits only starts once the user resumes a run."""
        return bool(self._session.runs and self._session.runs.held)

    @property
    def waits(self) -> bool:
        """Whether the chosen run is in the queue."""
        return self.chosen in self.waiting

    def rows(self) -> tuple[RunRow, ...]:
        damaged = [RunRow(one.id, "damaged", ()) for one in self.damaged]
        return (*(row(view, self.waiting) for view in self.views), *damaged)

    def choose(self, name: str) -> None:
        if name != self.chosen:
            self.chosen, self.armed, self.overdue = name, False, False
            self.changed.emit()

    def stop(self) -> None:
        """Answers at once; a second time, when overdue, ends the worker."""
        if self._session.runs:
            verb = self._session.runs.force if self.overdue else self._session.runs.stop
            self.overdue = False
            self._overdue.start()
            verb(self.chosen)
            self.changed.emit()

    def resume(self) -> None:
        if self._session.runs:
            self._session.runs.enqueue(self.chosen)
            self.changed.emit()

    @property
    def damage(self) -> str:
        """What folds of the chosen run have lost, in sentences; empty while it works."""
        view = self.view
        if view is None or view.state.alive:
            return ""
        key = (view.id, view.state)
        if self._looked[0] != key:
            self._looked = (key, _explain_loss(view.run))
        return self._looked[1]

    def repair(self) -> None:
        """Make it again, by the command that does so."""
        view, study = self.view, self._session.study
        if view and study:
            words = ["resume", view.id, "--study", str(study.folder), "--repair", "--queue"]
            job = self._session.start(f"Repair {view.id}", words)
            job.succeeded.connect(lambda answer: self._repaired(answer["run"]))
            job.failed.connect(self._session.failed)

    def _repaired(self, name: str) -> None:
        self._looked = (("", ""), "")
        if self._session.runs:
            self._session.runs.enqueue(name)

    def discard(self) -> None:
        """The first call asks, the second within three seconds does it."""
        if not self.armed:
            self.armed = True
            self._disarm.start()
            self.changed.emit()
        elif self._session.runs:
            self.armed = False
            name = self.chosen
            self._session.runs.discard(name)
            if name not in self._ids():
                self._session.said.emit(f"{name} is in the trash")

    def _follow(self) -> None:
        ids = self._ids()
        if self.chosen not in ids:
            alive = [view.id for view in self.views if view.state.alive]
            self.chosen, self.armed = next(iter([*alive, *ids]), ""), False
        view = self.view
        if view is None or view.state is not State.STOPPING:
            self.overdue = False
        self.changed.emit()

    def _ids(self) -> list[str]:
        return [view.id for view in self.views] + [one.id for one in self.damaged]

    def _forgive(self) -> None:
        self.armed = False
        self.changed.emit()

    def _lose_patience(self) -> None:
        view = self.view
        self.overdue = view is not None and view.state is State.STOPPING
        self.changed.emit()

    def _timer(self, pause: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(pause)
        return timer


def _explain_loss(run: Run) -> str:
    try:
        return " ".join(damage.sentence for damage in damages(run))
    except Failure as error:
        return str(error)


def row(view: RunView, waiting: tuple[str, ...] = ()) -> RunRow:
    """A run as a row of the grid."""
    folds = view.progress.folds or (FoldProgress(),) * view.experiment.folds
    cells = tuple(_cell(number, fold, view) for number, fold in enumerate(folds))
    quick = "quick" if view.experiment.preset == "quick" else ""
    return RunRow(view.id, note(view, waiting), cells, quick)


def note(view: RunView, waiting: tuple[str, ...] = ()) -> str:
    """The state in a few words."""
    progress = view.progress
    if view.state is State.STOPPING:
        return "Stopping: finishing batch"
    if view.awaited and view.state.resumable:
        return f"waits for run {number(view.awaited)}"
    if view.id in waiting:
        return "next" if waiting[0] == view.id else f"number {waiting.index(view.id) + 1} in line"
    if view.state is State.RUNNING:
        if progress.step:
            return f"{progress.step.step.lower()} {progress.step.done:,}"
        return f"running {progress.fraction:.0%}" if progress.folds else "starting"
    return str(view.state)


def number(name: str) -> str:
    """The number of a run by its id: 3 for “003-baseline-nm”."""
    return name.partition("-")[0].lstrip("0")


def history(view: RunView | None) -> CurveData:
    """The curves of a run."""
    if view is None:
        return CurveData()
    folds = [fold.epochs for fold in view.progress.folds if fold.epochs]
    last = [epochs[-1] for epochs in folds]
    terms = dict.fromkeys(name for epoch in last for name in epoch.losses)
    conditions = dict.fromkeys(name for epoch in last for name in epoch.test_accuracy)
    return CurveData(
        losses={name: [_values(f, "losses", name) for f in folds] for name in terms},
        training=[[epoch.train_accuracy for epoch in f] for f in folds],
        held_out={n: [_values(f, "test_accuracy", n) for f in folds] for n in conditions},
        epochs=view.progress.epochs,
    )


def _values(epochs: tuple[EpochEnded, ...], part: str, name: str) -> list[float]:
    return [getattr(epoch, part).get(name, float("nan")) for epoch in epochs]


def _cell(number: int, fold: FoldProgress, view: RunView) -> FoldCell:
    accuracy = sum(fold.accuracy.values()) / len(fold.accuracy) if fold.accuracy else None
    state = "waiting"
    if fold.failed:
        state = "failed"
    elif fold.ended or view.state is State.FINISHED:
        state = "done"
    elif fold.started:
        state = "running" if view.state.alive else "stopped"
    epoch = f"epoch {len(fold.epochs)} of {view.progress.epochs}" if fold.started else ""
    parts = (f"Fold {number + 1}", state, epoch, shares(fold.accuracy), fold.failed)
    return FoldCell(state, fold.progress, accuracy, " · ".join(filter(None, parts)))
