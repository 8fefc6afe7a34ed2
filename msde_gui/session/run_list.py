"""The study's runs as the window follows them: by their folders, whoever started them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from engine.domain import Failure
from engine.experiment.experiment import Experiment
from engine.experiment.progress import RunProgress
from engine.runs import launch, queue
from engine.runs.teachers import find_awaited
from engine.store import queue as places
from engine.store import runs as store
from engine.store.files import touch
from engine.store.runs import Run, State
from engine.store.study import Study
from msde_gui.session.run_events import Following

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
class DamagedRun:
    """A run that cannot be shown, and why in a sentence."""

    run: Run
    fault: str

    @property
    def id(self) -> str:
        return self.run.id


class Runs(QObject):
    """Follows, starts, stops and discards the runs of one study; queued ones start in turn.

    The queue is the study's: other windows and terminals see and work on the same one. Unless
    it ``goes_on``, this window starts nothing of what waits before the user asks for it.
    """

    changed = Signal()  # some run's state or progress, or the queue
    failed = Signal(str, str)  # one sentence, details

    def __init__(
        self, study: Study, parent: QObject | None = None, *, goes_on: bool = True
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._goes_on = goes_on
        self._following = Following()
        self._behind: Sequence[Run] = ()  # those with unread events
        self._views: dict[str, RunView] = {}
        self._workers: dict[str, launch.Worker] = {}
        self._waiting: tuple[str, ...] = ()
        self._damaged: dict[str, DamagedRun] = {}
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
    def damaged(self) -> list[DamagedRun]:
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
        return self._waiting

    @property
    def held(self) -> bool:
        """Whether nothing of what waits starts before the user asks for it."""
        return not self._goes_on or places.is_held(self._study.runs_folder)

    def enqueue(self, name: str) -> None:
        """Start the run, or resume it, as soon as no other one works; its teacher comes first."""
        self._views.pop(name, None)  # a finished run may have been repaired
        self._look(list_again=True)
        view, self._goes_on = self._views.get(name), True
        if view:
            self._try(lambda: queue.enqueue(view.run))
        self._start_next()
        self._look(list_again=True)
        self.changed.emit()

    def stop(self, name: str) -> None:
        """Answers at once: it leaves the queue, or its worker ends after its current batch."""
        view = self._views.get(name)
        if view:
            self._try(lambda: launch.stop(view.run))

    def force(self, name: str) -> None:
        """End the worker at once; Resume goes on from the last checkpoint."""
        view = self._views.get(name)
        if view:
            self._try(lambda: launch.force(view.run))

    def discard(self, name: str) -> None:
        found = self._views.get(name) or self._damaged.get(name)
        if found:
            self._try(lambda: store.discard(found.run))

    def close(self, keep_running: bool) -> None:
        """Leave: runs and queue go on alone, or runs stop and save and the queue waits."""
        self._timer.stop()
        self._soon.stop()
        if keep_running and self._waiting and not self.held:
            self._try(lambda: launch.start_queue(self._study.folder))
        if not keep_running:
            self._try(self._halt)
        for worker in self._workers.values():
            if keep_running:
                worker.detach()
            else:
                worker.leave()

    def _halt(self) -> None:
        """Stop the queue, whoever works on it; what was begun apart from it goes on."""
        runs = places.list_queued(self._study.runs_folder)
        if runs and (self._goes_on or self.working):
            places.hold(self._study.runs_folder)
            for run in runs:
                if run.worker() is not None:
                    touch(run.stop_file)

    def _try(self, verb: Callable[[], None]) -> None:
        try:
            verb()
        except (Failure, OSError) as error:
            self.failed.emit(str(error), "")
        self._look(list_again=True)

    def _tick(self) -> None:
        self._ticks += 1
        due = self._ticks % LISTING == 0
        self._look(list_again=due)
        if due or self._workers:  # one of which may have ended
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
        waiting = self._queued(views) if list_again else self._waiting
        if (views, waiting, damaged) != (self._views, self._waiting, self._damaged):
            self._views, self._waiting, self._damaged = views, waiting, damaged
            self.changed.emit()

    def _queued(self, views: Mapping[str, RunView]) -> tuple[str, ...]:
        """Those that no worker has begun."""
        ids = [run.id for run in places.list_queued(self._study.runs_folder)]
        begun = {*self._workers, *(view.id for view in views.values() if view.state.alive)}
        return tuple(name for name in ids if name in views and name not in begun)

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

    def _broken(self, run: Run, fault: str) -> DamagedRun:
        """It is told once."""
        if run.id not in self._damaged:
            self.failed.emit(fault, "")
        return DamagedRun(run, fault)

    def _viewed(self, run: Run, thorough: bool) -> RunView:
        known = self._views.get(run.id)
        if known and (known.state is State.FINISHED or not (known.state.alive or thorough)):
            return known  # what is finished stays so
        if not known:
            run.check()
        teacher = find_awaited(run)
        return RunView(run, run.state(), RunProgress(), teacher.id if teacher else "")

    def _told(self, view: RunView) -> RunView:
        """With its progress as far as its events have been read."""
        return replace(view, progress=self._following.progress(view.id))

    def _start_next(self) -> None:
        for name in [name for name, worker in self._workers.items() if worker.ended()]:
            del self._workers[name]
            places.settle(Run(self._study.runs_folder / name))
            self._look(list_again=True)
        if self._workers or not self._waiting or not self._goes_on or self.working:
            return
        try:
            taken = queue.take(self._study.runs_folder, launch.start)
        except (Failure, OSError) as error:
            self.failed.emit(str(error), "")
        else:
            if taken is None:
                return
            self._workers[taken[0].id] = taken[1]
        self._look(list_again=True)


def _urgent(views: Iterable[RunView]) -> list[RunView]:
    """Those that work first, then the newest."""
    newest = [*views][::-1]
    return sorted(newest, key=lambda view: not view.state.alive)
