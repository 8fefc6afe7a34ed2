"""The scores of all runs as groups of texts: what may be compared stands together."""

from collections.abc import Mapping

from engine.evaluation.result_columns import percent, window_columns
from engine.evaluation.run_scores import NAMES
from msde_gui.pages.results.run_scores import FoldScore, Result
from msde_gui.widgets.score_table import Group, ScoreLine


def headings() -> list[tuple[str, int]]:
    """Of each column: its title and its width in px."""
    return [(column.title, column.width) for column in window_columns()]


def choose_hidden(width: int) -> set[int]:
    """The columns that give way on a page of so many px."""
    return {place for place, column in enumerate(window_columns()) if width < column.narrow}


def groups(
    results: tuple[Result, ...], faults: Mapping[str, str] | None = None
) -> tuple[Group, ...]:
    """One group a preset; *quick* is the last that says what it is, then come damaged runs."""
    presets = sorted({one.preset for one in results}, key=lambda name: (name == "quick", name))
    shown = [
        Group(_title(name), tuple(_line(one) for one in results if one.preset == name))
        for name in presets
    ]
    damaged = tuple(ScoreLine(run, _texts(run, {"standing": "damaged"})) for run in faults or {})
    return (*shown, *([Group("Cannot be read", damaged)] if damaged else []))


def _title(preset: str) -> str:
    quick = "  ·  small and short, never compared with the others"
    return f"Preset {preset}" + (quick if preset == "quick" else "")


def _line(one: Result) -> ScoreLine:
    name = one.run + ("  ·  quick" if one.preset == "quick" else "")
    texts = _texts(name, {column.key: column.text(one) for column in window_columns()})
    return ScoreLine(one.run, texts, tuple(_fold(fold) for fold in one.by_fold))


def _fold(fold: FoldScore) -> tuple[str, ...]:
    shares = {name: percent(fold.accuracy.get(name)) for name in NAMES}
    return _texts(f"fold {fold.fold + 1}  ·  {fold.n:,} faces", shares)


def _texts(name: str, by_key: Mapping[str, str]) -> tuple[str, ...]:
    """A row that begins with ``name``; a column without a text is empty."""
    return (name, *(by_key.get(column.key, "") for column in window_columns()[1:]))
