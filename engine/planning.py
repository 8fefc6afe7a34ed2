"""Turn what a user chose into an experiment and its folds, checked before anything runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

from engine.device import devices, precision
from engine.domain import Dataset, Failure
from engine.experiment import Experiment, TrainOn, changed, chosen, preset, sort_changes
from engine.methods.base import Method, method
from engine.protocol import Protocol, check, check_training, read_folds, split
from engine.sides import training_rows
from engine.store.runs import Run, create
from engine.store.study import Study


@dataclass(frozen=True)
class Choices:
    """What the form and the command line say; empty fields take the preset's value."""

    method: str
    train: str = ""  # empty: the first that the method trains on
    preset: str = "paper"
    seed: int = 0
    folds: int = 0
    fold_file: Path | None = None
    dataset: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)  # ``--set``


def plan(study: Study, choices: Choices) -> Run:
    """A queued run. Raises ``Failure`` for any choice that cannot work on this study."""
    cls = method(choices.method)
    train = _train_on(cls, choices.train)
    start = preset(choices.preset)
    of_method, of_training = sort_changes(choices.changes, cls.Settings)
    settings = asdict(chosen(cls.Settings, of_method))
    training = changed(start.training, of_training)
    dataset = study.dataset(choices.dataset)
    protocol = _protocol(dataset, choices, start.folds)
    for fold in protocol.folds:
        rows = training_rows(dataset, fold, train)
        check_training(fold, dataset.expressions[rows[:, 0]])
    used = devices()
    experiment = Experiment(
        method=choices.method,
        train=train,
        preset=choices.preset,
        seed=choices.seed,
        folds=len(protocol.folds),
        training=training,
        settings=settings,
        dataset=choices.dataset,
        last_sample=int(dataset.ids[-1]),
        fingerprint=dataset.fingerprint,
        devices=tuple(used),
        precision=precision(used[0]),
        versions={name: version(name) for name in ("msde-studio", "torch", "torchvision", "numpy")},
    )
    return create(study.runs_folder, experiment, protocol)


def _train_on(cls: type[Method], text: str) -> TrainOn:
    if not text:
        return cls.trains_on[0]
    if text not in get_args(TrainOn) or text not in cls.trains_on:
        raise Failure(f"{cls.title} cannot train on “{text}”: choose {_listed(cls.trains_on)}.")
    return text


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0]


def _protocol(dataset: Dataset, choices: Choices, folds: int) -> Protocol:
    if not len(dataset):
        raise Failure(f"The study “{dataset.name}” has no samples: import a folder of faces first.")
    if not choices.fold_file:
        return split(dataset, choices.folds or folds, choices.seed)
    given = read_folds(choices.fold_file)
    check(given, dataset)
    return given
