"""The study's runs as the window follows them: by their folders, whoever started them."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from engine.domain import Failure
from engine.execution import launch
from engine.execution.order import awaited, due
from engine.experiment import Experiment
from engine.progress import RunProgress, follow
from engine.store import runs as store
from engine.store.runs import Run, State
from engine.store.study import Study

TICK = 200  # ms between two looks at the runs that work
LISTING = 10  # ticks between two looks at the folder itself


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


class Runs(QObject):
    """Follows, starts, stops and discards the runs of one study; queued ones start in turn."""

    changed = Signal()  # some run's state or progress
    failed = Signal(str, str)  # one sentence, details

    def __init__(self, study: Study, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._offsets: dict[str, int] = {}
        self._views: dict[str, RunView] = {}
        self._workers: dict[str, launch.Worker] = {}
        self._waiting: list[str] = []  # ids to start, in order
        self._damaged: set[str] = set()
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)
        self._look(list_again=True)

    @property
    def views(self) -> list[RunView]:
        """Oldest first."""
        return list(self._views.values())

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
        self._try(lambda: store.discard(self._views[name].run))

    def close(self, keep_running: bool) -> None:
        """Leave: workers go on alone, or stop and save."""
        self._timer.stop()
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
        views = {run.id: self._viewed(run, list_again) for run in found}
        if views != self._views:
            self._views = views
            self.changed.emit()

    def _listed(self) -> list[Run]:
        """Those in the folder; a damaged one is told once and left out."""
        listed = store.runs_in(self._study.runs_folder)
        ids = {run.id for run in listed}
        self._offsets = {name: place for name, place in self._offsets.items() if name in ids}
        found = []
        for run in listed:
            known = self._views.get(run.id)
            if known or self._readable(run):
                found.append(known.run if known else run)
        return found

    def _readable(self, run: Run) -> bool:
        try:
            return bool(run.experiment and run.protocol)
        except Failure as error:
            if run.id not in self._damaged:
                self._damaged.add(run.id)
                self.failed.emit(str(error), "")
            return False

    def _viewed(self, run: Run, thorough: bool) -> RunView:
        known = self._views.get(run.id)
        if known and not known.state.alive and not thorough:
            return known
        offset = self._offsets.get(run.id, 0)
        events, self._offsets[run.id] = store.events_since(run.events_file, offset)
        progress = known.progress if known else RunProgress()
        teacher = awaited(run)
        return RunView(
            run,
            run.state(),
            follow(progress, events) if events else progress,
            teacher.id if teacher else "",
        )

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
