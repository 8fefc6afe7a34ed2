"""Turn what a user chose into an experiment and its folds, checked before anything runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from engine.domain import Dataset, Failure
from engine.experiment.experiment import (
    LEARNING,
    Experiment,
    Precision,
    TrainOn,
    change_settings,
    check_seed,
    make_settings,
    sort_changes,
)
from engine.experiment.fold_rows import training_rows
from engine.experiment.folds import Protocol, check, check_training, split
from engine.methods.base import Method, method
from engine.pretrained.initialise import starting
from engine.runs import reuse as reusing
from engine.runs.presets import nearest, start
from engine.store.fold_files import read_folds
from engine.store.runs import Run, create
from engine.store.study import Study
from engine.system.device import devices, precision
from engine.system.versions import find_version

SHOWN: Mapping[TrainOn, str] = {
    "nm": "non-masked images",
    "m": "masked images",
    "mix": "images",
    "pairs": "pairs of a non-masked and a masked image",
}


@dataclass(frozen=True)
class RunRequest:
    """What the form and the command line say; empty fields take the preset's value."""

    method: str
    train: str = ""  # empty: the first that the method trains on
    preset: str = "paper"
    seed: int = 0
    folds: int = 0
    fold_file: Path | None = None
    dataset: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)  # ``--set``
    weights: str = ""  # a file or a name; empty: networks start at random
    teacher: str = ""  # a run; empty: one that fits, or a new one
    any_version: bool = False  # runs of a program that teaches otherwise are used again, too


@dataclass(frozen=True)
class PlannedRun:
    """What would be trained, and the run of the study that is used again in its place."""

    experiment: Experiment
    protocol: Protocol
    run: Run | None  # nothing: it would be made
    teacher: "PlannedRun | None" = None
    why: str = ""  # the run is used again, or is not though it looks alike: a sentence


def plan(study: Study, choices: RunRequest) -> Run:
    """A queued run; if it needs a teacher, a run of it is found in the study or queued before.

    Raises ``Failure`` for any choice that cannot work on this study.
    """
    experiment, protocol = design(study, choices)
    lesson = _lesson(choices, experiment)
    if lesson:
        teacher = _teacher(study, lesson, choices.teacher)
        experiment = replace(experiment, teacher=teacher.id)
    return create(study.runs_folder, experiment, protocol)


def reuse(study: Study, choices: RunRequest) -> Run:
    """The study's run of these very choices, a finished one if possible; else as ``plan``."""
    return earlier(study, choices) or plan(study, choices)


def earlier(study: Study, choices: RunRequest) -> Run | None:
    """The study's run of these very choices and with the teacher that ``plan`` would find."""
    return foresee(study, choices).run


def foresee(study: Study, choices: RunRequest) -> PlannedRun:
    """What ``reuse`` would use or make; nothing is made. Raises ``Failure`` as ``plan`` does."""
    experiment, protocol = design(study, choices)
    lesson, teacher = _lesson(choices, experiment), None
    if lesson:
        teacher = _foreseen_teacher(study, lesson, choices.teacher)
        experiment = replace(experiment, teacher=teacher.run.id if teacher.run else "")
    return _find_same_run(study, choices, experiment, protocol, teacher)


def design(study: Study, choices: RunRequest) -> tuple[Experiment, Protocol]:
    """What would be done, without its teacher; nothing is made.

    Raises ``Failure`` for any choice that cannot work on this study.
    """
    cls = method(choices.method)
    train = _train_on(cls, choices.train)
    begun = start(cls, choices.preset)
    of_method, of_training = sort_changes(choices.changes, cls.Settings)
    settings = change_settings(begun.settings, of_method)
    training = change_settings(begun.training, of_training)
    cls.check_size(settings, training.size)
    check_seed(choices.seed)
    dataset = study.dataset(choices.dataset)
    protocol = _protocol(dataset, choices, begun.folds)
    _check_rows(dataset, protocol, train)
    experiment = Experiment(
        method=choices.method,
        train=train,
        preset=choices.preset,
        seed=choices.seed,
        folds=len(protocol.folds),
        training=training,
        settings=asdict(settings),
        dataset=choices.dataset,
        **_record(dataset, training.precision),
    )
    return starting(experiment, choices.weights, study, protocol), protocol


def _check_rows(dataset: Dataset, protocol: Protocol, train: TrainOn) -> None:
    """Raise ``Failure`` unless each fold has images of every expression to train on."""
    rows = [training_rows(dataset, fold, train) for fold in protocol.folds]
    if not any(len(of_fold) for of_fold in rows):
        raise Failure(
            f"The study “{dataset.name}” has no {SHOWN[train]} to train on: import some, or choose "
            "other images to train on."
        )
    for fold, of_fold in zip(protocol.folds, rows, strict=True):
        check_training(fold, dataset.expressions[of_fold[:, 0]])


def _record(dataset: Dataset, wanted: Precision) -> dict[str, Any]:
    """What nobody chooses: the images as they are, and the machine."""
    used = devices()
    return {
        "last_sample": int(dataset.ids[-1]),
        "fingerprint": dataset.fingerprint,
        "devices": tuple(used),
        "precision": precision(used[0]) if wanted == "auto" else wanted,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions of this program, of what it teaches by, and of the libraries."""
    names = ("msde-studio", "torch", "torchvision", "numpy")
    return {name: find_version(name) for name in names} | {"learning": LEARNING}


def _lesson(choices: RunRequest, experiment: Experiment) -> RunRequest | None:
    """The choices of the run that is to be the teacher: the same folds, preset and changes."""
    cls = method(experiment.method)
    needed = cls.needs(make_settings(cls.Settings, experiment.settings))
    if needed is None:
        if choices.teacher:
            raise Failure(f"{cls.title} learns from no teacher: leave “{choices.teacher}” out.")
        return None
    _, of_training = sort_changes(choices.changes, cls.Settings)
    changes = {**of_training, **needed.settings}
    preset = nearest(method(needed.method), choices.preset)
    wanted = replace(choices, method=needed.method, train=needed.train, preset=preset)
    return replace(wanted, changes=changes, teacher="")


def _teacher(study: Study, lesson: RunRequest, name: str) -> Run:
    """The run that is named, or one that fits, or a new one."""
    return _foreseen_teacher(study, lesson, name).run or plan(study, lesson)


def _foreseen_teacher(study: Study, lesson: RunRequest, name: str) -> PlannedRun:
    experiment, protocol = design(study, lesson)
    if name:
        run = reusing.find_named_teacher(study.runs_folder, name, experiment, protocol)
        return PlannedRun(experiment, protocol, run)
    return _find_same_run(study, lesson, experiment, protocol)


def _find_same_run(
    study: Study,
    choices: RunRequest,
    experiment: Experiment,
    protocol: Protocol,
    teacher: PlannedRun | None = None,
) -> PlannedRun:
    """The very same run of the study, or none, and why."""
    runs = study.runs_folder
    run = reusing.same(runs, experiment, protocol, choices.any_version)
    why = reusing.SAME if run else reusing.unlike(runs, experiment, protocol)
    return PlannedRun(experiment, protocol, run, teacher, why)


def _train_on(cls: type[Method], text: str) -> TrainOn:
    if not text:
        return cls.trains_on[0]
    if text not in get_args(TrainOn) or text not in cls.trains_on:
        raise Failure(f"{cls.title} cannot train on “{text}”: choose {_list_words(cls.trains_on)}.")
    return text


def _list_words(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]


def _protocol(dataset: Dataset, choices: RunRequest, folds: int) -> Protocol:
    if not len(dataset):
        raise Failure(f"The study “{dataset.name}” has no samples: import a folder of faces first.")
    if not choices.fold_file:
        return split(dataset, choices.folds or folds, choices.seed)
    given = read_folds(choices.fold_file)
    check(given, dataset)
    return given
