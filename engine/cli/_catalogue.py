"""What there is to choose from: methods and embeddings with their settings, presets, layouts."""

import sys
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from engine.data.formats.base import Format
from engine.embeddings.algorithms.base import embeddings
from engine.experiment.experiment import PRESETS, Training
from engine.methods.base import Method, methods
from engine.plugins import find
from engine.runs.presets import list_offered, start


def catalogue() -> dict[str, Any]:
    """Plain data; settings are JSON schemas, from which forms are drawn."""
    return {
        "methods": [
            {
                "name": name,
                "title": cls.title,
                "summary": _summary(cls),
                "trains_on": list(cls.trains_on),
                "needs": _needs(cls),
                "settings": TypeAdapter(cls.Settings).json_schema(),
                "presets": {preset: asdict(start(cls, preset)) for preset in list_offered(cls)},
            }
            for name, cls in methods().items()
        ],
        "training": TypeAdapter(Training).json_schema(),
        "presets": {
            name: {
                "title": preset.title,
                "folds": preset.folds,
                "training": asdict(preset.training),
            }
            for name, preset in PRESETS.items()
        },
        "formats": formats(),
        "embeddings": _embeddings(),
    }


def formats() -> list[dict[str, str]]:
    """Every dataset layout by name."""
    found = find(Format, "engine.data.formats")
    return [
        {"name": name, "title": cls.title, "summary": _summary(cls)} for name, cls in found.items()
    ]


def _embeddings() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": cls.title,
            "summary": _summary(cls),
            "settings": TypeAdapter(cls.Settings).json_schema(),
        }
        for name, cls in embeddings().items()
    ]


def _needs(cls: type[Method]) -> dict[str, Any] | None:
    """What its teacher has learnt; nothing for those that learn from the images alone."""
    needed = cls.needs(cls.Settings())
    return {"method": needed.method, "train": needed.train} if needed else None


def _summary(cls: type) -> str:
    """The first sentence of the module that adds ``cls``."""
    return (sys.modules[cls.__module__].__doc__ or "").strip().partition("\n")[0]
