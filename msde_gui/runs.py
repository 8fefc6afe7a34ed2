"""The study's runs as the window follows them: by their folders, whoever started them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from engine.domain import Failure
from engine.execution import launch
from engine.execution.order import awaited, due
from engine.experiment import Experiment
from engine.progress import RunProgress
from engine.store import runs as store
from engine.store.runs import Run, State
from engine.store.study import Study
from msde_gui.following import Following

TICK = 200  # ms between two looks at the runs that work
LISTING = 10  # ticks between two looks at the folder itself
PAUSE = 10  # ms between two pieces of events while many are unread: the window's turn


@dataclass(frozen=True)
class RunView:
    """One run as it is now."""

    run: Run
    state: State
    progress: RunProgress
    awaited: str = ""  # the teacher that has to be finished before it can start

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def experiment(self) -> Experiment:
        return self.run.experiment


@dataclass(frozen=True)
class Damaged:
    """A run that cannot be shown, and why in a sentence."""

    run: Run
    fault: str

    @property
    def id(self) -> str:
        return self.run.id


class Runs(QObject):
    """Follows, starts, stops and discards the runs of one study; queued ones start in turn."""

    changed = Signal()  # some run's state or progress
    failed = Signal(str, str)  # one sentence, details

    def __init__(self, study: Study, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._following = Following()
        self._behind: Sequence[Run] = ()  # those with unread events
        self._views: dict[str, RunView] = {}
        self._workers: dict[str, launch.Worker] = {}
        self._waiting: list[str] = []  # ids to start, in order
        self._damaged: dict[str, Damaged] = {}
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(lambda: self._read(self._behind))
        self._look(list_again=True)
        self._timer.start(TICK)

    @property
    def views(self) -> list[RunView]:
        """Oldest first."""
        return list(self._views.values())

    @property
    def damaged(self) -> list[Damaged]:
        """Oldest first: they can be discarded."""
        return list(self._damaged.values())

    def view(self, name: str) -> RunView | None:
        return self._views.get(name)

    @property
    def working(self) -> list[RunView]:
        return [view for view in self.views if view.state.alive]

    @property
    def waiting(self) -> tuple[str, ...]:
        """Ids of those that start as soon as no other one works, the next one first."""
        return tuple(self._waiting)

    def enqueue(self, name: str) -> None:
        """Start the run, or resume it, as soon as no other one works; its teacher comes first."""
        self._look(list_again=True)
        self._try(lambda: self._line_up(name))
        self._start_next()
        self._look()
        self.changed.emit()

    def stop(self, name: str) -> None:
        """Answers at once; the worker ends after its current batch."""
        if name in self._waiting:
            self._waiting.remove(name)
            self.changed.emit()
            return
        self._try(lambda: launch.stop(self._views[name].run))

    def force(self, name: str) -> None:
        """End the worker at once; Resume goes on from the last checkpoint."""
        self._try(lambda: launch.force(self._views[name].run))

    def discard(self, name: str) -> None:
        self._waiting = [waiting for waiting in self._waiting if waiting != name]
        found = self._views.get(name) or self._damaged.get(name)
        if found:
            self._try(lambda: store.discard(found.run))

    def close(self, keep_running: bool) -> None:
        """Leave: workers go on alone, or stop and save."""
        self._timer.stop()
        self._soon.stop()
        for worker in self._workers.values():
            if keep_running:
                worker.detach()
            else:
                worker.leave()

    def _line_up(self, name: str) -> None:
        view = self._views.get(name)
        for run in due(view.run) if view else ():
            if run.id not in self._waiting and not run.state().alive:
                self._waiting.append(run.id)

    def _try(self, verb: Callable[[], None]) -> None:
        try:
            verb()
        except (Failure, OSError) as error:
            self.failed.emit(str(error), "")
        self._look(list_again=True)

    def _tick(self) -> None:
        self._ticks += 1
        self._look(list_again=self._ticks % LISTING == 0)
        self._start_next()

    def _look(self, list_again: bool = False) -> None:
        found = self._listed() if list_again else [view.run for view in self.views]
        damaged = {} if list_again else dict(self._damaged)
        active = {run.id for run in self._behind} | {view.id for view in self.working}
        views: dict[str, RunView] = {}
        for run in found:  # before their last events
            try:
                views[run.id] = self._viewed(run, list_again)
            except (Failure, OSError) as error:
                damaged[run.id] = self._broken(run, str(error))
        urgent = _urgent(views.values())
        self._read(view.run for view in urgent if list_again or view.id in active)
        views = {name: self._told(view) for name, view in views.items()}
        if (views, damaged) != (self._views, self._damaged):
            self._views, self._damaged = views, damaged
            self.changed.emit()

    def _read(self, runs: Iterable[Run]) -> None:
        """A piece of their events; the next one follows soon if there are more."""
        self._behind = self._following.read(list(runs))
        if self._behind:
            self._soon.start()

    def _listed(self) -> list[Run]:
        """Those in the folder, as they were read before."""
        listed = store.runs_in(self._study.runs_folder)
        self._following.keep({run.id for run in listed})
        known = {view.id: view.run for view in self.views}
        return [known.get(run.id, run) for run in listed]

    def _broken(self, run: Run, fault: str) -> Damaged:
        """It is told once."""
        if run.id not in self._damaged:
            self.failed.emit(fault, "")
        return Damaged(run, fault)

    def _viewed(self, run: Run, thorough: bool) -> RunView:
        known = self._views.get(run.id)
        if known and (known.state is State.FINISHED or not (known.state.alive or thorough)):
            return known  # what is finished stays so
        if not known:
            run.check()
        teacher = awaited(run)
        return RunView(run, run.state(), RunProgress(), teacher.id if teacher else "")

    def _told(self, view: RunView) -> RunView:
        """With its progress as far as its events have been read."""
        return replace(view, progress=self._following.progress(view.id))

    def _start_next(self) -> None:
        self._workers = {n: w for n, w in self._workers.items() if not w.ended()}
        if not self._waiting or self._workers or self.working:
            return
        self._waiting = [name for name in self._waiting if name in self._views]
        ready = (name for name in self._waiting if not awaited(self._views[name].run))
        view = self._views.get(next(ready, ""))
        if view:
            self._waiting.remove(view.id)
            try:
                self._workers[view.id] = launch.start(view.run)
            except (Failure, OSError) as error:
                self.failed.emit(str(error), "")
            self._look(list_again=True)


def _urgent(views: Iterable[RunView]) -> list[RunView]:
    """Those that work first, then the newest."""
    newest = [*views][::-1]
    return sorted(newest, key=lambda view: not view.state.alive)
