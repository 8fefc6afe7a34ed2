"""What the user chose to train, and the command that does it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.data.near_duplicates import recall
from engine.evaluation.cautions import across_people
from engine.experiment.catalogue import (
    Catalogue,
    NeededTeacher,
    OfferedMethod,
    PresetStart,
    Schema,
    Values,
    nearest,
)
from msde_gui.pages.experiments import teacher_model
from msde_gui.session.jobs import command_line
from msde_gui.session.session import Session

TRAINS_ON = {"nm": "Non-masked", "m": "Masked", "mix": "Both conditions", "pairs": "Pairs"}
FIRST = "quick"  # the preset to begin with: minutes, not days
FOLDS = {
    "type": "integer",
    "description": "Rounds of cross-validation; nobody is on both sides of one",
    "minimum": 2,
    "maximum": 100,
}
SEED = {
    "type": "integer",
    "description": "The same seed gives the same folds and the same result",
    "minimum": 0,
    "maximum": 2**31 - 1,
}
WEIGHTS = {
    "title": "Start from",
    "description": "Pretrained weights: a .safetensors, .pth, .pt or .pkl file, or imagenet with "
    "the network efficientnet-lite0. Empty: random weights",
    "type": "string",
    "format": "file-path",
}
_TOLD = 3  # sentences of the last run


@dataclass(frozen=True)
class ExperimentChoice:
    """Everything the form says."""

    method: str = ""
    train: str = ""
    preset: str = ""
    folds: int = 0
    seed: int = 0
    weights: str = ""
    teacher: str = ""  # a run; empty: one that fits, or a new one
    settings: Values = field(default_factory=dict)
    training: Values = field(default_factory=dict)


def first(catalogue: Catalogue) -> ExperimentChoice:
    """What the form shows before anybody touched it."""
    return with_method(ExperimentChoice(preset=FIRST), catalogue, catalogue.methods[0].name)


def with_method(choice: ExperimentChoice, catalogue: Catalogue, name: str) -> ExperimentChoice:
    """Another method as its preset has it, on the same images and with the same if it can be.

    What was changed of the training stays, as do the folds.
    """
    method = catalogue.method(name)
    train = choice.train if choice.train in method.trains_on else method.trains_on[0]
    preset = nearest(choice.preset, method.presets)
    moved = with_preset(replace(choice, method=name, train=train, teacher=""), catalogue, preset)
    if not choice.method or preset != choice.preset:
        return moved
    before = start(catalogue, choice).training
    kept = {key: value for key, value in choice.training.items() if value != before.get(key)}
    return replace(moved, folds=choice.folds, training={**moved.training, **kept})


def with_preset(choice: ExperimentChoice, catalogue: Catalogue, name: str) -> ExperimentChoice:
    """Another preset with all its values."""
    moved = replace(choice, preset=name)
    begun = start(catalogue, moved)
    return replace(moved, folds=begun.folds, training=begun.training, settings=begun.settings)


def start(catalogue: Catalogue, choice: ExperimentChoice) -> PresetStart:
    """Where the choice's preset lets its method start."""
    return catalogue.method(choice.method).presets[choice.preset]


def arguments(choice: ExperimentChoice, catalogue: Catalogue, study: str) -> list[str]:
    """Of ``msde``: only what differs from the method's preset is ``--set``."""
    begun = start(catalogue, choice)
    base = {**begun.settings, **begun.training}
    chosen = {**choice.settings, **choice.training}
    changes = [f"{key}={_text(value)}" for key, value in chosen.items() if value != base.get(key)]
    words = ["run", "--study", study, "--method", choice.method, "--train", choice.train]
    words += ["--preset", choice.preset, "--seed", str(choice.seed), "--folds", str(choice.folds)]
    words += ["--weights", _absolute(choice.weights)] if choice.weights else []
    words += ["--teacher", choice.teacher] if choice.teacher else []
    return words + [word for change in changes for word in ("--set", change)]


def _absolute(weights: str) -> str:
    """A file by its full path, since the command starts in another folder; a name as it is."""
    return str(Path(weights).absolute()) if Path(weights).is_file() else weights


def method_schema(methods: Sequence[OfferedMethod]) -> Schema:
    """The form of the method alone."""
    names = {"enum": [one.name for one in methods], "enumNames": [one.title for one in methods]}
    return {"properties": {"method": {"description": "How the network is trained", **names}}}


def plan_schema(method: OfferedMethod, titles: Mapping[str, str]) -> Schema:
    """The form of what every method needs to be told; ``titles`` of the runs that could teach."""
    trains, presets = method.trains_on, method.presets
    train = {
        "title": "Train on",
        "description": "Held-out subjects are tested under every condition there is",
        "enum": list(trains),
        "enumNames": [TRAINS_ON.get(name, name) for name in trains],
    }
    preset = {
        "description": "\n".join(f"{n.capitalize()}: {p.title}" for n, p in presets.items()),
        "enum": list(presets),
        "enumNames": [name.capitalize() for name in presets],
    }
    numbers = {"folds": FOLDS, "seed": SEED}
    taught = {"teacher": teacher_model.schema(titles)} if method.needs else {}
    return {
        "properties": {"train": train, "preset": preset, **numbers, "weights": WEIGHTS, **taught}
    }


class ExperimentModel(QObject):
    """The form's choice, whether it can be queued, and the queueing."""

    changed = Signal()
    queued = Signal(str)  # the new run's id

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._problems: dict[str, str] = {}  # by the form they are in
        self.choice = ExperimentChoice()
        self._warned = ""  # what was last shown
        self.refused = ""  # why the last one could not be queued
        self.busy = False
        self.teachers: dict[str, str] = {}  # titles of the runs that could teach, by id
        self.teaching = teacher_model.Teaching(session, lambda: self.arguments)
        self.teaching.changed.connect(self.changed)
        session.catalogue_changed.connect(self._learn)
        session.study_changed.connect(self._ask)
        session.runs_changed.connect(self._follow_runs)
        self._learn()

    @property
    def known(self) -> bool:
        """Whether there is anything to choose from yet."""
        return bool(self.choice.method)

    @property
    def problem(self) -> str:
        """Why nothing can be queued now; empty if it can."""
        wrong = next((text for text in self._problems.values() if text), "")
        if not self.known:
            return ""
        if not len(self._session.dataset):
            return "Import faces into the study first."
        return wrong or self.refused or self.teaching.problem

    @property
    def warning(self) -> str:
        """What the engine warns of, and what the last run of these very settings found out."""
        runs, warned = self._session.runs, self.teaching.warnings
        for view in runs.views[::-1] if runs else ():
            made = view.experiment
            alike = (made.method, made.settings) == (self.choice.method, {**self.choice.settings})
            if alike and any(fold.epochs for fold in view.progress.folds):
                told = [said for said in view.progress.told if said not in warned][:_TOLD]
                return "\n".join([*warned, *(f"In {view.id}: {said}" for said in told)])
        return "\n".join(warned)

    @property
    def ready(self) -> bool:
        unread = any(self._problems.values())
        return self.known and bool(len(self._session.dataset)) and not unread and not self.busy

    @property
    def arguments(self) -> list[str]:
        study = self._session.study
        if not self.known:
            return []
        return arguments(self.choice, self._session.catalogue, str(study.folder) if study else "S")

    @property
    def command(self) -> str:
        """The same for a terminal."""
        return command_line(self.arguments) if self.known else ""

    def choose_method(self, name: str) -> None:
        self._problems.pop("settings", None)
        self._take(with_method(self.choice, self._session.catalogue, name))

    def choose_preset(self, name: str) -> None:
        for part in ("settings", "training"):
            self._problems.pop(part, None)
        self._take(with_preset(self.choice, self._session.catalogue, name))

    def change(self, part: str, values: Values, problem: str = "") -> None:
        """New values of ``plan``, ``settings`` or ``training`` and what cannot be read there."""
        self._problems[part] = problem
        changes = values if part == "plan" else {part: values}
        self._take(replace(self.choice, **changes))

    def queue(self) -> None:
        """Make the run; it starts when its turn comes."""
        if not self.ready:
            return
        self.busy, self.refused = True, ""
        job = self._session.start("Queue run", [*self.arguments, "--queue"])
        job.succeeded.connect(self._enqueue)
        job.failed.connect(self._refuse)
        job.ended.connect(self._end)
        self.changed.emit()

    def _enqueue(self, answer: Values) -> None:
        if self._session.runs:
            self._session.runs.enqueue(answer["run"])
            self._session.said.emit(f"{answer['run']} is queued")
            self.queued.emit(answer["run"])

    def _refuse(self, sentence: str, details: str) -> None:
        self.refused = sentence
        self._session.failed.emit(sentence, details)

    def _end(self) -> None:
        self.busy = False
        self.changed.emit()

    def _take(self, choice: ExperimentChoice) -> None:
        self.choice, self.refused = choice, ""
        self.teachers = teacher_model.teachers(self._session, self._needed)
        self._ask()

    @property
    def _needed(self) -> NeededTeacher | None:
        """What the method's teacher has learnt."""
        return self._session.catalogue.method(self.choice.method).needs if self.known else None

    def _ask(self) -> None:
        study, dataset = self._session.study, self._session.dataset
        alike = bool(study and across_people(dataset, recall(study, dataset)))
        self.teaching.ask(self._needed if len(dataset) else None, self.known and alike)
        self.changed.emit()

    def _follow_runs(self) -> None:
        """The form is drawn anew only if they have something else to say to it."""
        found = teacher_model.teachers(self._session, self._needed)
        warned, self._warned = self._warned, self.warning
        if self._warned != warned:
            self.changed.emit()
        if found != self.teachers:
            kept = self.choice.teacher if self.choice.teacher in found else ""
            self._take(replace(self.choice, teacher=kept))

    def _learn(self) -> None:
        if self._session.catalogue.methods:
            self._problems.clear()
            self._take(first(self._session.catalogue))


def _text(value: Any) -> str:
    """As ``--set`` reads it."""
    if isinstance(value, list | tuple) and len(value) > 1:
        return ",".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)
