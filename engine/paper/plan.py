"""What making tables again would take: runs that are used again, runs to train, and how long."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.domain import Failure
from engine.events import RunEnded
from engine.experiment.experiment import Experiment
from engine.experiment.progress import RunProgress, follow
from engine.paper.reproduction import ReproductionRequest, choices_of, names
from engine.paper.tables import TABLES
from engine.runs.planning import PlannedRun, foresee
from engine.store.runs import Run, State, runs_in
from engine.store.study import Study

MINUTE = 60  # seconds
UNKNOWN = "a time unknown until the first epoch"
UNITS = (("days", 24 * 60 * MINUTE), ("hours", 60 * MINUTE), ("minutes", MINUTE))


@dataclass(frozen=True)
class Step:
    """One run of a plan, in the order of work."""

    label: str  # of the table's row, or whom it teaches
    experiment: Experiment
    run: Run | None  # nothing: it is to be made
    seconds: float | None  # to go, about; nothing if it cannot be known yet
    why: str = ""  # it is used again, or is not though it looks alike

    @property
    def state(self) -> State:
        return self.run.state() if self.run else State.QUEUED

    @property
    def name(self) -> str:
        """The run's id; its coming name without a number if it is to be made."""
        return self.run.id if self.run else f"{self.experiment.method}-{self.experiment.train}"

    @property
    def what(self) -> str:
        """What becomes of it, for the user."""
        if self.run is None:
            return "is trained"
        if self.done:
            return "used again"
        words = {State.QUEUED: "is made already", State.FAILED: "failed, is tried again"}
        return words.get(self.state, f"{self.state}, goes on")

    @property
    def done(self) -> bool:
        return self.state is State.FINISHED


def outlook(study: Study, table: str, wanted: ReproductionRequest) -> list[Step]:
    """Every run that the tables need, each once and teachers first; nothing is made.

    Raises ``Failure`` for what cannot work on this study.
    """
    found: dict[str, tuple[str, PlannedRun]] = {}
    for name in names(table):
        for row in TABLES[name].rows:
            foreseen = foresee(study, choices_of(row, wanted))
            for label, one in _in_order(row.label, foreseen):
                found.setdefault(_key(one), (label, one))
    guess = _Guess(study, wanted.dataset)
    return [Step(label, f.experiment, f.run, guess.to_go(f), f.why) for label, f in found.values()]


def summary(steps: Sequence[Step]) -> str:
    """One sentence on all of them."""
    todo = [step for step in steps if not step.done]
    if not todo:
        return "Every run is finished: nothing is trained."
    verb = "is" if len(todo) == 1 else "are"
    known = [step.seconds for step in todo if step.seconds is not None]
    time = duration(sum(known)) if known else UNKNOWN
    more = f", and {len(todo) - len(known)} of {UNKNOWN}" if 0 < len(known) < len(todo) else ""
    return f"{len(todo)} of {len(steps)} runs {verb} to be worked on: {time}{more}."


def duration(seconds: float | None) -> str:
    """A guess, in words."""
    if seconds is None:
        return UNKNOWN
    for unit, size in UNITS:
        if seconds >= 2 * size:
            return f"about {seconds / size:.0f} {unit}"
    return "a minute or two" if seconds >= MINUTE else "less than a minute"


def document(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Plain data, for ``msde reproduce --plan --json``."""
    return [
        {
            "run": step.run.id if step.run else "",
            "name": step.name,
            "label": step.label,
            "what": step.what,
            "method": step.experiment.method,
            "train": step.experiment.train,
            "state": step.state if step.run else "",
            "seconds": step.seconds,
            "time": "" if step.done else duration(step.seconds),
            "why": step.why,
        }
        for step in steps
    ]


def _in_order(label: str, foreseen: PlannedRun) -> Iterator[tuple[str, PlannedRun]]:
    if foreseen.teacher:
        yield f"teacher of {label}", foreseen.teacher
    yield label, foreseen


def _key(foreseen: PlannedRun) -> str:
    if foreseen.run:
        return foreseen.run.id
    return json.dumps(asdict(foreseen.experiment), sort_keys=True)


class _Guess:
    """Seconds that a run takes, by epochs of the study's runs that are like it, or by a trial."""

    def __init__(self, study: Study, dataset: str) -> None:
        self._study, self._dataset = study, dataset
        self._known = [run for run in runs_in(study.runs_folder) if _has_epochs(run)]

    def to_go(self, foreseen: PlannedRun) -> float | None:
        if foreseen.run is None:
            return self._whole(foreseen.experiment)
        if foreseen.run.state() is State.FINISHED:
            return 0.0
        progress = follow(RunProgress(), foreseen.run.events())
        if progress.seconds_left is not None:
            return progress.seconds_left
        whole = self._whole(foreseen.experiment)
        return whole and whole * (1 - progress.fraction)

    def _whole(self, experiment: Experiment) -> float | None:
        for run in reversed(self._known):
            if _same_pace(run.experiment, experiment):
                return _seconds(run) * _work(experiment) / _work(run.experiment)
        from engine.training.step_time import estimate_seconds  # imports torch and takes a step

        return estimate_seconds(experiment, self._study.dataset(self._dataset))


def _same_pace(one: Experiment, other: Experiment) -> bool:
    """Whether they do the same to an image, on the same kind of machine."""
    keys = ("method", "train", "devices", "precision")
    return one.settings == other.settings and all(
        getattr(one, key) == getattr(other, key) for key in keys
    )


def _work(experiment: Experiment) -> float:
    """Pixels to train on, in units of the study."""
    training = experiment.training
    return training.epochs * (experiment.folds - 1) * training.size**2


def _seconds(run: Run) -> float:
    """Seconds of the whole run: as long as it took, or by the pace of its epochs so far; else 0."""
    events = run.events()
    if run.state() is State.FINISHED:
        return sum(event.seconds for event in events if isinstance(event, RunEnded))
    progress = follow(RunProgress(), events)
    return (progress.seconds_left or 0.0) / max(1e-9, 1 - progress.fraction)


def _has_epochs(run: Run) -> bool:
    """A damaged run tells nothing, nor does one before its first epoch."""
    try:
        return bool(run.experiment) and _seconds(run) > 0
    except Failure:
        return False
