"""Run folders: what was done, how far it came and whether it still works."""

import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import psutil
import send2trash

from engine.domain import Failure
from engine.events import Event, decode
from engine.experiment import Experiment, chosen
from engine.predictions import Predictions, pool
from engine.predictions import read as read_predictions
from engine.protocol import Protocol, read_folds, write_folds
from engine.store.files import make_folder, read_json, write_json

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
class Run:
    """One execution of an experiment, by its folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def experiment(self) -> Experiment:
        return chosen(Experiment, read_json(self.folder / "experiment.json"))

    @cached_property
    def protocol(self) -> Protocol:
        return read_folds(self.folder / "folds.json")

    @property
    def teacher(self) -> "Run | None":
        """The run whose networks this one learns from, fold by fold; it may have been discarded."""
        name = self.experiment.teacher
        return Run(self.folder.parent / name) if name else None

    @property
    def complete(self) -> bool:
        """Whether there is a run in the folder."""
        return (self.folder / "experiment.json").exists() and (self.folder / "folds.json").exists()

    @property
    def study_folder(self) -> Path:
        return self.folder.parent.parent

    @property
    def events_file(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def stop_file(self) -> Path:
        return self.folder / "stop"

    def fold(self, number: int) -> Path:
        return self.folder / f"fold-{number + 1:02}"

    def finished_folds(self) -> list[int]:
        return [
            fold.number
            for fold in self.protocol.folds
            if (self.fold(fold.number) / "predictions.npz").exists()
        ]

    def predictions(self) -> Predictions | None:
        """Out-of-fold predictions of the folds that are done; nothing if none is."""
        done = self.finished_folds()
        parts = [read_predictions(self.fold(number) / "predictions.npz") for number in done]
        return pool(parts) if parts else None

    def state(self) -> State:
        pulse = self._pulse()
        if pulse and _alive(pulse):
            return State.STOPPING if self.stop_file.exists() else State.RUNNING
        return self.state_at_rest()

    def state_at_rest(self) -> State:
        """The state once nobody works on it."""
        if len(self.finished_folds()) == len(self.protocol.folds):
            return State.FINISHED
        if (self.folder / "failed.json").exists():
            return State.FAILED
        if self.stop_file.exists():
            return State.STOPPED
        return State.INTERRUPTED if self._pulse() else State.QUEUED

    def failure(self) -> str:
        """The one sentence of the last failure; empty if there is none."""
        file = self.folder / "failed.json"
        return str(read_json(file)["message"]) if file.exists() else ""

    def beat(self, pid: int | None = None) -> None:
        """Say that this process, or the one named, works on the run."""
        worker = psutil.Process(pid)
        beat = {"pid": worker.pid, "started": worker.create_time(), "host": socket.gethostname()}
        write_json(self.folder / "heartbeat", beat | {"time": time.time()})

    def worker(self) -> int | None:
        """The process that works on it, if any does."""
        pulse = self._pulse()
        return int(str(pulse["pid"])) if pulse and _alive(pulse) else None

    def _pulse(self) -> dict[str, object]:
        try:
            pulse: dict[str, object] = read_json(self.folder / "heartbeat")
        except Failure:
            return {}
        return pulse


def create(runs: Path, experiment: Experiment, protocol: Protocol) -> Run:
    """A queued run in a folder of its own, numbered in order."""
    make_folder(runs, parents=True)
    draft = _numbered(runs)
    write_json(draft / "experiment.json", asdict(experiment))
    write_folds(protocol, draft / "folds.json")
    number = draft.name.lstrip(".")
    return Run(draft.rename(runs / f"{number}-{experiment.method}-{experiment.train}"))


def _numbered(runs: Path) -> Path:
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
    return [run for run in map(Run, folders) if run.complete]


def find_run(runs: Path, name: str) -> Run:
    """A run by its id or by its number. Raises ``Failure`` that lists the runs there are."""
    found = runs_in(runs)
    for run in found:
        if run.id == name or (name.isdecimal() and _number(run.id) == int(name)):
            return run
    known = ", ".join(run.id for run in found) or "none yet"
    raise Failure(f"There is no run “{name}”: the study has {known}.")


def discard(run: Run) -> None:
    """Move the run to the trash, or to the study's own where the system has none."""
    if run.state().alive:
        raise Failure(f"Run {run.id} is still working: stop it first.")
    waiting = [one.id for one in runs_in(run.folder.parent) if _learns_from(one, run)]
    if waiting:
        raise Failure(
            f"Run {run.id} is the teacher of run {waiting[0]}, which is not finished: discard that "
            "one first."
        )
    try:
        send2trash.send2trash(run.folder)
    except OSError:
        trash = run.folder.parent.parent / "trash"
        make_folder(trash)
        run.folder.rename(trash / f"{run.id}-{int(time.time())}")


def _learns_from(run: Run, teacher: Run) -> bool:
    """Whether it still has to; a damaged run does not."""
    try:
        return run.experiment.teacher == teacher.id and run.state() is not State.FINISHED
    except Failure:
        return False


def events_since(file: Path, offset: int, most: int = -1) -> tuple[list[Event], int]:
    """Events written after byte ``offset``, and where to go on; half-written lines wait.

    From ``most`` bytes on, unless it is -1, no further line is begun.
    """
    if not file.exists():
        return [], offset
    with file.open("rb") as stream:
        stream.seek(offset)
        content = stream.read(most) + stream.readline()
    whole = content[: content.rfind(b"\n") + 1]
    events = [decode(line) for line in whole.decode("utf-8", "replace").split("\n")]
    return [event for event in events if event], offset + len(whole)


def _alive(pulse: dict[str, object]) -> bool:
    if pulse.get("host") != socket.gethostname():
        return abs(time.time() - _seconds(pulse.get("time"))) < SILENT_AFTER
    try:
        process = psutil.Process(int(str(pulse["pid"])))
        same: bool = abs(process.create_time() - float(str(pulse["started"]))) < 1
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, ValueError):
        return False


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _number(name: str) -> int:
    digits = name.lstrip(".").partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
