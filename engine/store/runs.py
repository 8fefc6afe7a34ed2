"""Run folders: what was done, how far it came and whether it still works."""

import logging
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

import psutil
import send2trash
from pydantic import Field

from engine.domain import Failure
from engine.events import Event, Failed
from engine.experiment.experiment import Experiment, load_settings
from engine.experiment.folds import Protocol
from engine.experiment.predictions import Predictions, pool
from engine.store import event_log
from engine.store.files import make_folder, read_as, read_document, write_document, write_json
from engine.store.fold_files import read_folds, write_folds
from engine.store.networks import remember
from engine.store.prediction_files import describe_damage
from engine.store.prediction_files import read as read_predictions
from engine.store.run_files import RunFiles

log = logging.getLogger(__name__)

SILENT_AFTER = 25.0  # seconds without a heartbeat, for a worker on another machine


class State(StrEnum):
    """Derived from what lies in the folder, never stored."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def alive(self) -> bool:
        return self in (State.RUNNING, State.STOPPING)

    @property
    def resumable(self) -> bool:
        return self in (State.QUEUED, State.STOPPED, State.FAILED, State.INTERRUPTED)


@dataclass(frozen=True)
class Pulse:
    """A process that works, or worked, on a run, and when it said so last."""

    pid: Annotated[int, Field(ge=1, lt=2**31)]
    started: Annotated[float, Field(allow_inf_nan=False)]  # seconds since 1970, as ``time``
    host: str = ""
    time: Annotated[float, Field(allow_inf_nan=False)] = 0.0

    @property
    def alive(self) -> bool:
        if self.host != socket.gethostname():
            return abs(time.time() - self.time) < SILENT_AFTER
        try:
            process = psutil.Process(self.pid)
            same: bool = abs(process.create_time() - self.started) < 1
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@dataclass(frozen=True)
class Run(RunFiles):
    """One execution of an experiment, by its folder."""

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def experiment(self) -> Experiment:
        file = self.experiment_file
        document = read_document(file)
        try:
            return load_settings(Experiment, document)
        except Failure as error:
            raise Failure(f"{file} is damaged. {error}") from error

    @cached_property
    def protocol(self) -> Protocol:
        file = self.folds_file
        found = read_folds(file)
        held_out = [subject for fold in found.folds for subject in fold.test]
        if len(set(held_out)) < len(held_out) or not all(fold.test for fold in found.folds):
            raise Failure(f"{file} is damaged: it does not hold out each subject in one fold.")
        return found

    @property
    def teacher(self) -> "Run | None":
        """The run whose networks this one learns from, fold by fold; it may have been discarded."""
        name = self.experiment.teacher
        return Run(self.folder.parent / name) if name else None

    @property
    def complete(self) -> bool:
        """Whether there is a run in the folder."""
        return all(map(os.path.lexists, self._plan))

    @property
    def begun(self) -> bool:
        """Whether there is a run in the folder, be it damaged."""
        return any(map(os.path.lexists, self._plan))

    @property
    def _plan(self) -> tuple[Path, Path]:
        """What a new run consists of."""
        return self.experiment_file, self.folds_file

    def finished_folds(self) -> list[int]:
        return [
            fold.number
            for fold in self.protocol.folds
            if self.predictions_file(fold.number).exists()
        ]

    def predictions(self) -> Predictions | None:
        """Out-of-fold predictions of the folds that are done; nothing if none is."""
        seen: set[int] = set()
        parts = [self._fold_predictions(number, seen) for number in self.finished_folds()]
        return pool(parts) if parts else None

    def events(self) -> list[Event]:
        """All it has said, as ``log.events`` reads it."""
        return event_log.events(self.events_file)

    def check(self) -> None:
        """Raise ``Failure`` that says what is damaged, unless the run can be shown."""
        if self.experiment and self.protocol:
            self.state()
            event_log.lines_since(self.events_file, 0, 1)

    def state(self) -> State:
        if self.worker():
            return State.STOPPING if self.stop_file.exists() else State.RUNNING
        return self.state_at_rest()

    def state_at_rest(self) -> State:
        """The state once nobody works on it."""
        if len(self.finished_folds()) == len(self.protocol.folds):
            return State.FINISHED
        if self.failure_file.exists():
            return State.FAILED
        if self.stop_file.exists():
            return State.STOPPED
        return State.INTERRUPTED if self._pulse() else State.QUEUED

    def failure(self) -> str:
        """The one sentence of the last failure; empty if there is none."""
        file = self.failure_file
        try:
            return read_as(Failed, file).message if file.exists() else ""
        except Failure as error:
            return f"Why the run failed is not known: {error}"

    def beat(self, pid: int | None = None) -> None:
        """Say that this process, or the one named, works on the run."""
        worker = psutil.Process(pid)
        beat = {"pid": worker.pid, "started": worker.create_time(), "host": socket.gethostname()}
        write_json(self.folder / "heartbeat", beat | {"time": time.time()})

    def worker(self) -> int | None:
        """The process that works on it, if any does."""
        pulse = self._pulse()
        return pulse.pid if pulse and pulse.alive else None

    @property
    def elsewhere(self) -> str:
        """The other machine on which a process works on it; empty if none does."""
        pulse = self._pulse()
        away = pulse is not None and pulse.host != socket.gethostname() and pulse.alive
        return pulse.host if pulse and away else ""

    def _pulse(self) -> Pulse | None:
        try:
            return read_as(Pulse, self.folder / "heartbeat")
        except Failure:
            return None

    def _fold_predictions(self, number: int, seen: set[int]) -> Predictions:
        """Of images that no other fold has ``seen``: each is tested once."""
        found = read_predictions(self.predictions_file(number))
        ids = found.samples.tolist()
        if (found.folds != number).any() or not seen.isdisjoint(ids):
            raise describe_damage(self.predictions_file(number))
        seen.update(ids)
        return found


def create(runs: Path, experiment: Experiment, protocol: Protocol) -> Run:
    """A queued run in a folder of its own, numbered in order."""
    make_folder(runs, parents=True)
    draft = Run(_reserve_number(runs))
    write_document(draft.experiment_file, asdict(experiment))
    write_folds(protocol, draft.folds_file)
    number = draft.id.lstrip(".")
    run = Run(draft.folder.rename(runs / f"{number}-{experiment.method}-{experiment.train}"))
    log.info("Run %s: made", run.id)
    return run


def _reserve_number(runs: Path) -> Path:
    """A hidden folder with the next number, which no other process can take meanwhile."""
    number = 1 + max((_number(folder.name) for folder in runs.iterdir()), default=0)
    while True:
        draft = runs / f".{number:03}"
        with suppress(FileExistsError):
            draft.mkdir()
            if not any(runs.glob(f"{number:03}-*")):
                return draft
            draft.rmdir()  # it was taken since the numbers were read
        number += 1


def runs_in(runs: Path) -> list[Run]:
    """Every run of a study, oldest first."""
    if not runs.is_dir():
        return []
    folders = sorted(runs.glob("[0-9]*"), key=lambda folder: (_number(folder.name), folder.name))
    return [run for run in map(Run, folders) if run.begun or _is_closed(run.folder)]


def _is_closed(folder: Path) -> bool:
    """A folder that cannot be looked into may be a run's."""
    return folder.is_dir() and not os.access(folder, os.X_OK)


def fail(run: Run, failed: Failed) -> None:
    """From now on it is a failed run, until it is started again."""
    write_json(run.failure_file, asdict(failed))


def find_run(runs: Path, name: str) -> Run:
    """A run by its id or by its number. Raises ``Failure`` that lists the runs there are."""
    found = runs_in(runs)
    for run in found:
        if run.id == name or (name.isdecimal() and _number(run.id) == int(name)):
            return run
    known = ", ".join(run.id for run in found) or "none yet"
    raise Failure(f"There is no run “{name}”: the study has {known}.")


def discard(run: Run) -> None:
    """Move the run to the trash, or to the study's own where the system has none.

    The study remembers its networks.
    """
    if run.worker():
        raise Failure(f"Run {run.id} is still working: stop it first.")
    waiting = [one.id for one in runs_in(run.folder.parent) if _learns_from(one, run)]
    if waiting:
        raise Failure(
            f"Run {run.id} is the teacher of run {waiting[0]}, which is not finished: discard that "
            "one first."
        )
    remember(run)
    try:
        send2trash.send2trash(run.folder)
    except OSError:
        trash = run.study_folder / "trash"
        make_folder(trash)
        run.folder.rename(trash / f"{run.id}-{int(time.time())}")
    log.info("Run %s: discarded", run.id)


def _learns_from(run: Run, teacher: Run) -> bool:
    """Whether it still has to; a damaged run does not."""
    try:
        return run.experiment.teacher == teacher.id and run.state() is not State.FINISHED
    except Failure:
        return False


def _number(name: str) -> int:
    digits = name.lstrip(".").partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
