"""``msde methods``, ``formats`` and ``doctor``: what there is and what this machine can do.

Commands import torch where they need it, so that the others answer at once.
"""

import platform
from typing import Any

import typer

from engine.cli._output import Json, Output, Shown, table
from engine.system.processes import cores
from engine.system.versions import find_version

PLACE = 130  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("methods")(show_methods)
    app.command("formats")(show_formats)
    app.command("doctor")(doctor)


def show_methods(as_json: Json = False, progress: Shown = "none") -> None:
    """List the methods with their settings, and the presets."""
    from engine.cli._catalogue import catalogue

    document = catalogue()
    rows = [
        (m["name"], m["title"], ", ".join(m["trains_on"]), _options(m["settings"]))
        for m in document["methods"]
    ]
    shared = [
        (name, field.get("default"), field.get("description", ""))
        for name, field in document["training"]["properties"].items()
    ]
    Output(as_json, progress).answer(
        document,
        table("Methods", ("name", "title", "trains on", "settings"), rows),
        table("Presets", ("name", "of", "what"), _presets(document["methods"])),
        table("Training settings of every method", ("--set", "paper", "what"), shared),
    )


def show_formats(as_json: Json = False) -> None:
    """List the dataset layouts that can be imported."""
    from engine.cli._catalogue import formats

    found = formats()
    rows = [(one["name"], one["title"], one["summary"]) for one in found]
    Output(as_json).answer({"formats": found}, table("", ("name", "title", "what"), rows))


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


def _presets(methods: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Each with the methods that offer it, once for all that it means the same for."""
    offered: dict[tuple[str, str], list[str]] = {}
    for one in methods:
        for name, begun in one["presets"].items():
            offered.setdefault((name, begun["title"]), []).append(one["name"])
    return sorted((name, ", ".join(of), title) for (name, title), of in offered.items())


def _options(schema: dict[str, Any]) -> str:
    fields = schema.get("properties", {})
    return ", ".join(f"{name}={field.get('default')}" for name, field in fields.items()) or "none"
