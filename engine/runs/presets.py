"""Where a preset lets a method start: the preset's values, and the method's own in their place."""

from dataclasses import dataclass
from typing import Any

from engine.domain import Failure
from engine.experiment import catalogue
from engine.experiment.experiment import (
    PRESETS,
    Training,
    change_settings,
    make_settings,
    sort_changes,
)
from engine.methods.base import Method


@dataclass(frozen=True)
class Start:
    """What the form shows before anybody touched it."""

    title: str
    folds: int
    training: Training
    settings: Any  # the method's own


def list_offered(cls: type[Method]) -> list[str]:
    """The names of the presets that mean something for the method."""
    return [name for name, preset in PRESETS.items() if preset.general or name in cls.presets]


def nearest(cls: type[Method], name: str) -> str:
    """The preset of that name, or the paper's where the method does not offer it."""
    return catalogue.nearest(name, list_offered(cls))


def start(cls: type[Method], name: str) -> Start:
    """Raises ``Failure`` that lists the presets of the method."""
    if name not in list_offered(cls):
        raise Failure(
            f"{cls.title} has no preset “{name}”: choose one of {', '.join(list_offered(cls))}."
        )
    preset, more = PRESETS[name], cls.presets_say.get(name)
    settings, training = sort_changes(cls.presets.get(name, {}), cls.Settings)
    return Start(
        f"{preset.title}. {more}" if more else preset.title,
        preset.folds,
        change_settings(preset.training, training),
        make_settings(cls.Settings, settings),
    )
