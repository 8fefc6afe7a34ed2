"""``msde methods``, ``formats`` and ``doctor``: what there is and what this machine can do.

Commands import torch where they need it, so that the others answer at once.
"""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typer

from engine.cli._output import Json, Output, Shown, table
from engine.experiment.catalogue import Catalogue, OfferedMethod, Schema
from engine.system.processes import cores
from engine.system.validation import adapter
from engine.system.versions import find_version

PLACE = 130  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("methods")(show_methods)
    app.command("formats")(show_formats)
    app.command("doctor")(doctor)


def show_methods(as_json: Json = False, progress: Shown = "none") -> None:
    """List the methods with their settings, and the presets."""
    from engine.cli._catalogue import make_catalogue

    found = make_catalogue()
    rows = [
        (one.name, one.title, ", ".join(one.trains_on), _options(one.settings))
        for one in found.methods
    ]
    shared = [
        (name, field.get("default"), field.get("description", ""))
        for name, field in found.training["properties"].items()
    ]
    Output(as_json, progress).answer(
        adapter(Catalogue).dump_python(found, mode="json"),
        table("Methods", ("name", "title", "trains on", "settings"), rows),
        table("Presets", ("name", "of", "what"), _presets(found.methods)),
        table("Training settings of every method", ("--set", "paper", "what"), shared),
    )


def show_formats(as_json: Json = False) -> None:
    """List the dataset layouts that can be imported."""
    from engine.cli._catalogue import list_formats

    found = list_formats()
    rows = [(one.name, one.title, one.summary) for one in found]
    document = {"formats": [asdict(one) for one in found]}
    Output(as_json).answer(document, table("", ("name", "title", "what"), rows))


def doctor(as_json: Json = False) -> None:
    """Say what this machine can do."""
    from engine.pretrained.source import available
    from engine.system.device import devices, precision

    used = devices()
    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "torch": find_version("torch"),
        "qt": find_version("PySide6-Essentials"),
        "device": ", ".join(used),
        "cores": cores(),
        "precision": precision(used[0]),
        "weights": available(),
        "msde": find_version("msde-studio"),
    }
    names = ", ".join(one["name"] for one in facts["weights"]) or "none installed"
    shown = list((facts | {"weights": names}).items())
    Output(as_json).answer(facts, table("", ("what", "here"), shown))


def _presets(methods: Sequence[OfferedMethod]) -> list[tuple[str, str, str]]:
    """Each with the methods that offer it, once for all that it means the same for."""
    offered: dict[tuple[str, str], list[str]] = {}
    for one in methods:
        for name, begun in one.presets.items():
            offered.setdefault((name, begun.title), []).append(one.name)
    return sorted((name, ", ".join(of), title) for (name, title), of in offered.items())


def _options(schema: Schema) -> str:
    fields = schema.get("properties", {})
    return ", ".join(f"{name}={field.get('default')}" for name, field in fields.items()) or "none"
