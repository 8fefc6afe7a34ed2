"""Fill in what there is to choose from: methods and embeddings with settings, presets, layouts."""

import sys
from typing import Any

from engine.data.formats.base import Format
from engine.embeddings.algorithms.base import embeddings
from engine.experiment.catalogue import (
    Catalogue,
    NeededTeacher,
    OfferedEmbedding,
    OfferedFormat,
    OfferedMethod,
    OfferedPreset,
    PresetStart,
    Schema,
    Values,
)
from engine.experiment.experiment import PRESETS, Training
from engine.methods.base import Method, methods
from engine.plugins import find
from engine.runs.presets import Start, list_offered, start
from engine.system.validation import adapter


def make_catalogue() -> Catalogue:
    """Every plug-in is imported, and torch with them."""
    return Catalogue(
        methods=tuple(_describe_method(name, cls) for name, cls in methods().items()),
        training=_schema(Training),
        presets={
            name: OfferedPreset(preset.title, preset.folds, _plain(preset.training))
            for name, preset in PRESETS.items()
        },
        formats=list_formats(),
        embeddings=tuple(
            OfferedEmbedding(name, cls.title, _summary(cls), _schema(cls.Settings))
            for name, cls in embeddings().items()
        ),
    )


def list_formats() -> tuple[OfferedFormat, ...]:
    """Every dataset layout by name."""
    found = find(Format, "engine.data.formats")
    return tuple(OfferedFormat(name, cls.title, _summary(cls)) for name, cls in found.items())


def _describe_method(name: str, cls: type[Method]) -> OfferedMethod:
    needed = cls.needs(cls.Settings())
    return OfferedMethod(
        name=name,
        title=cls.title,
        summary=_summary(cls),
        trains_on=cls.trains_on,
        needs=NeededTeacher(needed.method, needed.train) if needed else None,
        settings=_schema(cls.Settings),
        presets={name: _describe_start(start(cls, name)) for name in list_offered(cls)},
    )


def _describe_start(begun: Start) -> PresetStart:
    training, settings = _plain(begun.training), _plain(begun.settings)
    return PresetStart(begun.title, begun.folds, training, settings)


def _plain(settings: Any) -> Values:
    """As it is in JSON: lists, not tuples."""
    kind: type = type(settings)
    values: Values = adapter(kind).dump_python(settings, mode="json")
    return values


def _schema(settings: type) -> Schema:
    return adapter(settings).json_schema()


def _summary(cls: type) -> str:
    """The first sentence of the module that adds ``cls``."""
    return (sys.modules[cls.__module__].__doc__ or "").strip().partition("\n")[0]
