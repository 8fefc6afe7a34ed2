"""Run the folds of one run side by side in processes of this machine.

The coordinator imports no torch: it deals folds to processes, writes down what they say, beats
its heart and passes on the wish to stop.
"""

import logging
import multiprocessing
import os
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TextIO

from engine.data.packing import pack
from engine.domain import Dataset, Failure
from engine.evaluation import cautions
from engine.evaluation.run_scores import score_run
from engine.evaluation.scores import plain
from engine.events import Cancelled, Event, Failed, Logged, RunEnded, RunStarted, encode
from engine.pretrained.source import find_recorded
from engine.runs.assignment import Assignment
from engine.runs.fold_process import begin, if_memory, out_of_memory
from engine.runs.machine import Machine, describe_move, find
from engine.runs.teachers import check_teacher
from engine.store.files import appending, remove, touch, write_document
from engine.store.networks import remember
from engine.store.queue import leave, turn
from engine.store.run_images import record
from engine.store.runs import Run, State, fail, runs_in
from engine.store.study import Study, cache_of
from engine.store.trained_folds import check_learnt, check_unchanged
from engine.system.processes import cores, count_memory_kills

log = logging.getLogger(__name__)

BEAT_EVERY = 2.0  # seconds
PATIENCE = 8.0  # seconds that folds have to end after Stop


def work(run: Run, workers: int = 0) -> State:
    """Work on ``run`` until it is finished, stopped, or nothing more can go on.

    ``workers`` is the number of folds side by side: by default one a GPU, or one a core.
    """
    began = time.monotonic()
    with turn(run.folder):
        if run.worker() not in (None, os.getpid()):
            raise Failure(f"Run {run.id} is already being worked on: stop it first.")
        run.beat()
    remove(run.failure_file)
    with appending(run.events_file) as events:
        coordinator = Coordinator(run, workers, events)
        coordinator.work()
        state = run.state_at_rest()
        if state in (State.FINISHED, State.FAILED):  # a stopped run is taken off by who stops it
            leave(run)
        coordinator.note(RunEnded(state, time.monotonic() - began))
        log.info("Run %s: %s", run.id, state)
    return state


class Coordinator:
    """Deals the folds that are not done; a fold that fails does not end the others."""

    def __init__(self, run: Run, workers: int, events: TextIO) -> None:
        self._run = run
        self._events = events
        self._beaten = time.monotonic()
        context = multiprocessing.get_context("spawn")
        self._context = context
        self._heard: dict[int, Connection] = {}  # by fold: what it says comes out here
        self._stopping = False
        self._processes: dict[int, tuple[BaseProcess, str]] = {}
        self._failed: dict[int, Failed] = {}
        done = set(run.finished_folds())
        self._todo = [f.number for f in run.protocol.folds if f.number not in done]
        self._workers = min(workers, len(run.protocol.folds))
        self._machine = Machine(("cpu",), "fp32")
        self._killed = count_memory_kills()

    def work(self) -> None:
        """Everything from the first event to the scores."""
        experiment = self._run.experiment
        try:
            self._settle()
            for run in runs_in(self._run.folder.parent):
                self._beat()  # a hundred runs of an older program take seconds, once
                remember(run)  # before anybody moves their networks away
            check_learnt(self._run)
            check_teacher(self._run)
            for run in filter(None, (self._run.teacher, self._run)):
                check_unchanged(run)
            find_recorded(experiment)
            dataset = _dataset(self._run)
            self._caution(dataset)
            cache = cache_of(self._run.study_folder)
            self._train(pack(dataset, experiment.training.size, cache, self._report))
            if not self._failed:
                write_document(self._run.scores_file, plain(score_run(self._run, dataset)))
        except Cancelled:
            pass
        except Exception as error:
            message = str(error) if isinstance(error, Failure) else f"The run failed: {error!r}"
            self._fail(Failed(message, traceback.format_exc()))

    def _settle(self) -> None:
        """Find out what to compute on, and say so."""
        experiment, folds = self._run.experiment, len(self._run.protocol.folds)
        self._machine = machine = find(experiment)
        told = describe_move(self._run, machine)
        side_by_side = cores() if machine.kind == "cpu" else len(machine.devices)
        self._workers = self._workers or min(side_by_side, folds)
        self.note(
            RunStarted(
                folds=folds,
                epochs=experiment.training.epochs,
                device=", ".join(machine.devices),
                precision=machine.precision,
                workers=self._workers,
            )
        )
        if told:
            self.note(Logged(told))

    def _caution(self, dataset: Dataset) -> None:
        """Say what speaks against the scores, once however often the run is resumed."""
        run, before = self._run, self._run.events()
        with Study(run.study_folder) as study:
            found = cautions.find(study, dataset, run.experiment, run.protocol, self._report)
        for event in map(Logged, found):
            if event not in before:
                self.note(event)

    def note(self, event: Event) -> None:
        """Write the event down where everybody can follow."""
        self._events.write(encode(event) + "\n")
        self._events.flush()

    def _report(self, event: Event) -> None:
        self.note(event)
        self._beat()
        if self._run.stop_file.exists():
            raise Cancelled

    def _beat(self) -> None:
        if time.monotonic() - self._beaten > BEAT_EVERY:
            self._run.beat()
            self._beaten = time.monotonic()

    def _train(self, pixels: Path) -> None:
        stopped = 0.0
        while self._todo or self._processes:
            self._beat()
            if not stopped and self._run.stop_file.exists():
                stopped = time.monotonic()
                self._stopping = True
                self._todo.clear()
            if stopped and time.monotonic() - stopped > PATIENCE:
                self._kill()
            while self._todo and len(self._processes) < self._workers:
                self._start(self._todo.pop(0), pixels)
            self._listen(0.1)
            self._reap()
        if stopped:
            raise Cancelled

    def _start(self, fold: int, pixels: Path) -> None:
        busy = Counter(device for _, device in self._processes.values())
        device = min(self._machine.devices, key=lambda name: busy[name])
        assignment = Assignment(
            run=self._run.folder,
            fold=fold,
            pixels=pixels,
            device=device,
            precision=self._machine.precision,
            batch=self._run.experiment.training.batch,
        )
        self._heard[fold], said = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=begin, args=(assignment, said), name=f"fold {fold + 1}"
        )
        process.start()
        log.info("Fold %d: process %d on %s", fold + 1, process.pid, device)
        said.close()  # so that the pipe ends with the process
        self._processes[fold] = (process, device)

    def _listen(self, seconds: float) -> None:
        """Hear every fold out, waiting up to ``seconds`` for the first word."""
        ready = wait(self._heard.values(), seconds)
        for fold in [fold for fold, heard in self._heard.items() if heard in ready]:
            for event in self._words(fold):
                if isinstance(event, Failed):
                    self._fail(event)
                else:
                    self.note(event)

    def _words(self, fold: int) -> Iterator[Event]:
        """What a fold has said by now; its pipe is closed once the process has closed it."""
        heard = self._heard[fold]
        try:
            while heard.poll():
                yield heard.recv()
        except (EOFError, OSError):
            del self._heard[fold]
            heard.close()

    def _reap(self) -> None:
        ended = [fold for fold, (process, _) in self._processes.items() if not process.is_alive()]
        if ended:
            self._listen(0.1)  # its last words may still be in the pipe
        for fold in ended:
            process, _ = self._processes.pop(fold)
            done = fold in self._run.finished_folds()
            if not done and not self._stopping and fold not in self._failed:
                self._fail(self._fallen(fold, process.exitcode))

    def _fallen(self, fold: int, code: int | None) -> Failed:
        log.warning("Fold %d: its process ended with code %s", fold + 1, code)
        batch = self._run.experiment.training.batch
        if count_memory_kills() > self._killed:
            told = out_of_memory(batch)
        elif code == -9:
            told = f"Somebody or the system killed its process (signal 9). {if_memory(batch)}"
        else:
            told = f"Its process ended with code {code}; see worker.log."
        return Failed(f"Fold {fold + 1} ended without a word. {told}", fold=fold)

    def _fail(self, failed: Failed) -> None:
        self._failed.setdefault(failed.fold, failed)
        self.note(failed)
        fail(self._run, failed)

    def _kill(self) -> None:
        for process, _ in self._processes.values():
            process.kill()


def stop_when_left(run: Run) -> None:
    """Stop the run when standard input closes, unless the starter said ``detach`` before."""

    def listen() -> None:
        if sys.stdin.readline().strip() != "detach":
            touch(run.stop_file)

    threading.Thread(target=listen, daemon=True).start()


def _dataset(run: Run) -> Dataset:
    with Study(run.study_folder) as study:
        dataset = study.dataset(run.experiment.dataset).up_to(run.experiment.last_sample)
    if dataset.fingerprint != run.experiment.fingerprint:
        raise Failure(
            f"The images or labels that run {run.id} was made for have changed since: queue a new "
            "run."
        )
    if not run.samples_file.exists():
        record(run, dataset)
    return dataset
