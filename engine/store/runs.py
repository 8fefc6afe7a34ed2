"""Run folders: what was done, how far it came and whether it still works."""

import os
import socket
import time
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
from engine.store.files import read_json, write_json

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
        if len(self.finished_folds()) == len(self.protocol.folds):
            return State.FINISHED
        pulse = self._pulse()
        if pulse and _alive(pulse):
            return State.STOPPING if self.stop_file.exists() else State.RUNNING
        if self.stop_file.exists():
            return State.STOPPED
        if (self.folder / "failed.json").exists():
            return State.FAILED
        return State.INTERRUPTED if pulse else State.QUEUED

    def failure(self) -> str:
        """The one sentence of the last failure; empty if there is none."""
        file = self.folder / "failed.json"
        return str(read_json(file)["message"]) if file.exists() else ""

    def beat(self) -> None:
        """Say that this process works on the run."""
        me = psutil.Process()
        beat = {"pid": me.pid, "started": me.create_time(), "host": socket.gethostname()}
        write_json(self.folder / "heartbeat", beat | {"time": time.time()})

    def _pulse(self) -> dict[str, object]:
        try:
            pulse: dict[str, object] = read_json(self.folder / "heartbeat")
        except Failure:
            return {}
        return pulse


def create(runs: Path, experiment: Experiment, protocol: Protocol) -> Run:
    """A queued run in a folder of its own, numbered in order."""
    runs.mkdir(parents=True, exist_ok=True)
    name = f"{experiment.method}-{experiment.train}"
    number = 1 + max((_number(folder.name) for folder in runs.iterdir()), default=0)
    while True:
        draft = runs / f".{number:03}-{name}-{os.getpid()}"
        target = runs / f"{number:03}-{name}"
        draft.mkdir()
        write_json(draft / "experiment.json", asdict(experiment))
        write_folds(protocol, draft / "folds.json")
        try:
            draft.rename(target)  # fails if another process took this name with content in it
            return Run(target)
        except OSError:
            (draft / "experiment.json").unlink()
            (draft / "folds.json").unlink()
            draft.rmdir()
            number += 1


def runs_in(runs: Path) -> list[Run]:
    """Every run of a study, oldest first."""
    if not runs.is_dir():
        return []
    return [Run(folder) for folder in sorted(runs.glob("[0-9]*")) if _complete(folder)]


def find_run(runs: Path, name: str) -> Run:
    """A run by its id or by its number. Raises ``Failure`` that lists the runs there are."""
    found = runs_in(runs)
    for run in found:
        if run.id == name or (name.isdigit() and _number(run.id) == int(name)):
            return run
    known = ", ".join(run.id for run in found) or "none yet"
    raise Failure(f"There is no run “{name}”: the study has {known}.")


def discard(run: Run) -> None:
    """Move the run to the trash, or to the study's own where the system has none."""
    if run.state().alive:
        raise Failure(f"Run {run.id} is still working: stop it first.")
    try:
        send2trash.send2trash(run.folder)
    except OSError:
        trash = run.folder.parent.parent / "trash"
        trash.mkdir(exist_ok=True)
        run.folder.rename(trash / f"{run.id}-{int(time.time())}")


def events_since(file: Path, offset: int) -> tuple[list[Event], int]:
    """Events written after byte ``offset``, and where to go on; half-written lines wait."""
    if not file.exists():
        return [], offset
    with file.open("rb") as stream:
        stream.seek(offset)
        content = stream.read()
    whole = content[: content.rfind(b"\n") + 1]
    events = [decode(line) for line in whole.decode("utf-8", "replace").splitlines()]
    return [event for event in events if event], offset + len(whole)


def _alive(pulse: dict[str, object]) -> bool:
    if pulse.get("host") != socket.gethostname():
        return time.time() - float(str(pulse.get("time", 0))) < SILENT_AFTER
    try:
        process = psutil.Process(int(str(pulse["pid"])))
        same: bool = abs(process.create_time() - float(str(pulse["started"]))) < 1
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, ValueError):
        return False


def _number(name: str) -> int:
    digits = name.lstrip(".").partition("-")[0]
    return int(digits) if digits.isdigit() else 0


def _complete(folder: Path) -> bool:
    return (folder / "experiment.json").exists() and (folder / "folds.json").exists()
