"""A folder from a stranger: whatever is imported from it leaves a mark."""

MARK = """
import pathlib
with pathlib.Path({mark!r}).open("a") as mark:
    mark.write(__name__ + " ran\\n")
"""
NAMES = ("typer", "numpy", "torch", "psutil", "pydantic", "pickle", "socket", "random", "PySide6")


def folder(place, *names):
    """Modules that say so in the file ``ran`` beside them when they are run."""
    text = MARK.format(mark=str(place / "ran"))
    for name in names or (*NAMES, "engine/__init__"):
        file = place / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return place


def ran(place):
    """What was run."""
    mark = place / "ran"
    return mark.read_text().splitlines() if mark.exists() else []
