"""What there is to choose from: the engine fills it in, the window draws its forms from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]  # a JSON schema, from which a form is drawn
Values = Mapping[str, Any]  # of settings, as plain data


@dataclass(frozen=True)
class PresetStart:
    """Where a preset lets a method start: what the form shows before anybody touched it."""

    title: str
    folds: int
    training: Values
    settings: Values  # the method's own


@dataclass(frozen=True)
class OfferedPreset:
    """A preset as methods without values of their own have it."""

    title: str
    folds: int
    training: Values


@dataclass(frozen=True)
class NeededTeacher:
    """What the run that a method learns from has learnt."""

    method: str
    train: str


@dataclass(frozen=True)
class OfferedMethod:
    """A method with the presets that mean something for it."""

    name: str
    title: str
    summary: str
    trains_on: tuple[str, ...]
    needs: NeededTeacher | None  # nothing where it learns from the images alone
    settings: Schema
    presets: Mapping[str, PresetStart]


@dataclass(frozen=True)
class OfferedFormat:
    """A dataset layout."""

    name: str
    title: str
    summary: str


@dataclass(frozen=True)
class OfferedEmbedding:
    """A picture of features."""

    name: str
    title: str
    summary: str
    settings: Schema


@dataclass(frozen=True)
class Catalogue:
    """The document of ``msde methods --json``; empty until the engine has answered."""

    methods: tuple[OfferedMethod, ...] = ()
    training: Schema = field(default_factory=dict)
    presets: Mapping[str, OfferedPreset] = field(default_factory=dict)
    formats: tuple[OfferedFormat, ...] = ()
    embeddings: tuple[OfferedEmbedding, ...] = ()

    def method(self, name: str) -> OfferedMethod:
        """The one called so, which there must be."""
        return next(one for one in self.methods if one.name == name)


def nearest(preset: str, offered: Collection[str]) -> str:
    """The preset itself, or the first one, which is the paper's, where it is not offered."""
    return preset if preset in offered else next(iter(offered))
