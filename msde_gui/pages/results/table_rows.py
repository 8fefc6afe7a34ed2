"""The scores of all runs as groups of texts: what may be compared stands together."""

from collections.abc import Mapping
from typing import Any

from msde_gui.pages.results.run_scores import FoldScore, Result
from msde_gui.widgets.score_table import Group, ScoreLine

HEADINGS = (
    ("Run", 0),
    ("Trained on", 92),
    ("Non-masked", 106),
    ("Masked", 98),
    ("Average", 98),
    ("Balanced", 80),
    ("Macro-F1", 82),
    ("Folds", 56),
    ("State", 84),
)
TRAINED = {"nm": "non-masked", "m": "masked", "mix": "both", "pairs": "pairs"}
CONDITIONS = ("nm", "m", "average")
NARROW, NARROWER = 900, 760  # px of the page


def choose_hidden(width: int) -> set[int]:
    """The columns that give way on a narrow page: what the run's name says too, then F1."""
    if width >= NARROW:
        return set()
    return {1, 8} if width >= NARROWER else {1, 6, 8}


def groups(
    results: tuple[Result, ...], faults: Mapping[str, str] | None = None
) -> tuple[Group, ...]:
    """One group a preset; *quick* is the last that says what it is, then come damaged runs."""
    presets = sorted({one.preset for one in results}, key=lambda name: (name == "quick", name))
    shown = [
        Group(_title(name), tuple(_line(one) for one in results if one.preset == name))
        for name in presets
    ]
    damaged = tuple(ScoreLine(run, (run, *[""] * 7, "damaged")) for run in faults or {})
    return (*shown, *([Group("Cannot be read", damaged)] if damaged else []))


def percent(score: Mapping[str, Any] | None, folds: int) -> str:
    """Such as “58.1 ± 2.9”; one fold alone has no spread."""
    if not score:
        return "–"
    spread = f" ± {100 * score['sd']:.1f}" if folds > 1 else ""
    return f"{100 * score['accuracy']:.1f}{spread}"


def _title(preset: str) -> str:
    quick = "  ·  small and short, never compared with the others"
    return f"Preset {preset}" + (quick if preset == "quick" else "")


def _line(one: Result) -> ScoreLine:
    average = one.scores.get("average", {})
    name = one.run + ("  ·  quick" if one.preset == "quick" else "")
    texts = (
        name,
        TRAINED.get(one.train, one.train),
        *(percent(one.scores.get(condition), one.done) for condition in CONDITIONS),
        *(f"{100 * average[key]:.1f}" if average else "–" for key in ("balanced", "macro_f1")),
        f"{one.done}/{one.folds}",
        one.state,
    )
    return ScoreLine(one.run, texts, tuple(_fold(fold) for fold in one.by_fold))


def _fold(fold: FoldScore) -> tuple[str, ...]:
    shares = (fold.accuracy.get(condition) for condition in CONDITIONS)
    values = ("–" if share is None else f"{100 * share:.1f}" for share in shares)
    return (f"fold {fold.fold + 1}  ·  {fold.n:,} faces", "", *values, "", "", "", "")
