"""Train the program's own baseline on a rendered study, fold by fold on every core."""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.data.importing import inspect, save
from engine.data.packing import pack
from engine.domain import Failure
from engine.evaluation.run_scores import score_run
from engine.evaluation.scores import plain
from engine.events import silent
from engine.runs.assignment import Assignment
from engine.runs.fold import work
from engine.runs.planning import RunRequest, plan
from engine.store.runs import Run
from engine.store.study import Study
from engine.system.processes import cores, pool


@dataclass(frozen=True)
class Task:
    """What to train and on which folds, counted from 1; no ``only`` means all."""

    train: Sequence[str]
    folds: int
    only: Sequence[int]
    seed: int
    workers: int  # 0: one a core
    changes: Mapping[str, Any]  # of the preset “quick”


def trained(folder: Path, place: Path, task: Task) -> dict[str, dict[str, Any]]:
    """By training choice: the run's scores over the folds done, and its settings.

    The study in ``place`` is made, or used if it has images; the runs stay in it.
    """
    with Study(place, create=True) as study:
        if not len(study.dataset()):
            save(inspect(folder, study, "table"), study)
        runs = [plan(study, _choices(train, task)) for train in task.train]
        dataset = study.dataset()
        _work(runs, pack(dataset, runs[0].experiment.training.size, study.cache, silent), task)
    return {run.experiment.train: plain(score_run(run, dataset)) | _settings(run) for run in runs}


def _choices(train: str, task: Task) -> RunRequest:
    return RunRequest("baseline", train, "quick", task.seed, task.folds, changes=task.changes)


def _settings(run: Run) -> dict[str, Any]:
    experiment = run.experiment
    return {
        "training": asdict(experiment.training),
        "precision": experiment.precision,
        "seed": experiment.seed,
        "folds": [number + 1 for number in run.finished_folds()],
    }


def _work(runs: Sequence[Run], pixels: Path, task: Task) -> None:
    """Every fold that is asked for, of all runs side by side."""
    unknown = [number for number in task.only if not 1 <= number <= task.folds]
    if unknown:
        raise Failure(f"There is no fold {unknown[0]}: choose from 1 to {task.folds}.")
    folds = [number - 1 for number in task.only] or list(range(task.folds))
    jobs = [_assignment(run, fold, pixels) for run in runs for fold in folds]
    with pool(min(task.workers or cores(), len(jobs))) as workers:
        begun = {workers.submit(work, job, silent): job for job in jobs}
        for done, one in enumerate(as_completed(begun), 1):
            one.result()
            job = begun[one]
            said = f"{done} of {len(jobs)}: {job.run.name}, fold {job.fold + 1}"
            sys.stderr.write(f"{said}\n")


def _assignment(run: Run, fold: int, pixels: Path) -> Assignment:
    devices = run.experiment.devices
    means = (devices[fold % len(devices)], run.experiment.precision)
    return Assignment(run.folder, fold, pixels, *means, run.experiment.training.batch)
