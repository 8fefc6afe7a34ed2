"""The columns of the results: one list for the window's table, its CSV and the terminal's table.

What is added to the list is shown by all three; a column without a title is left out of a table.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engine.domain import Expression
from engine.evaluation.run_scores import ScoredRun
from engine.evaluation.scores import Score

UNKNOWN = "–"
TRAINED = {"nm": "non-masked", "m": "masked", "mix": "both", "pairs": "pairs"}
NARROW, NARROWER = 900, 760  # px of the window's page


@dataclass(frozen=True)
class ResultColumn:
    """One column; ``name`` is that of a condition, or *average*."""

    key: str
    text: Callable[[ScoredRun], str] = lambda run: ""  # of a run, in tables
    value: Callable[[ScoredRun, str], object] | None = None  # under ``name``, in CSV
    title: str = ""  # in the window
    short: str = ""  # in a terminal
    width: int = 80  # px; 0 takes the room that is left
    narrow: int = 0  # px of the page below which it gives way


def _fact(key: str, value: Callable[[ScoredRun], object], **shown: Any) -> ResultColumn:
    """The same under every condition."""
    text = {"text": lambda run: str(value(run))}
    return ResultColumn(key, value=lambda run, name: value(run), **{**text, **shown})


def _accuracy(name: str, title: str, **shown: Any) -> ResultColumn:
    """Such as “58.1 ± 2.9”; one fold alone has no spread."""

    def text(run: ScoredRun) -> str:
        score = run.scores.get(name)
        spread = f" ± {100 * score.sd:.1f}" if score and run.done > 1 else ""
        return f"{percent(score.accuracy if score else None)}{spread}"

    return ResultColumn(name, text, title=title, **shown)


def score_column(
    key: str, value: Callable[[Score], float | None], title: str = "", **shown: Any
) -> ResultColumn:
    """As it is in CSV; in tables that of both conditions together, in %."""

    def text(run: ScoredRun) -> str:
        both = run.scores.get("average")
        return percent(value(both) if both else None)

    short = title[:1].lower() + title[1:]
    plain = {"value": lambda run, name: value(run.scores[name]), "title": title, "short": short}
    return ResultColumn(key, text, **{**plain, **shown})


def _recall(name: str) -> ResultColumn:
    return score_column(f"recall_{name}", lambda score: score.recall.get(name))


def percent(share: float | None) -> str:
    """Without the sign; what is not known is a dash."""
    return UNKNOWN if share is None else f"{100 * share:.1f}"


def _done(run: ScoredRun) -> str:
    return f"{run.done}/{run.folds}"


COLUMNS: tuple[ResultColumn, ...] = (
    _fact("run", lambda run: run.run, title="Run", short="run", width=0),
    _fact("preset", lambda run: run.preset, short="preset"),
    _fact("method", lambda run: run.method),
    _fact("train", lambda run: run.train),
    _fact("seed", lambda run: run.seed),
    _fact("state", lambda run: run.state),
    _fact("folds", _done),
    ResultColumn("condition", value=lambda run, name: name),
    ResultColumn(
        "trained", lambda run: TRAINED.get(run.train, run.train), title="Trained on", width=92,
        narrow=NARROW,
    ),
    _accuracy("nm", "Non-masked", short="NM", width=106),
    _accuracy("m", "Masked", short="M", width=98),
    _accuracy("average", "Average", short="average", width=98),
    score_column("accuracy", lambda score: score.accuracy),
    score_column("sd", lambda score: score.sd),
    score_column("low", lambda score: score.interval and score.interval[0]),
    score_column("high", lambda score: score.interval and score.interval[1]),
    score_column("balanced", lambda score: score.balanced, "Balanced"),
    score_column("macro_f1", lambda score: score.macro_f1, "Macro-F1", width=82, narrow=NARROWER),
    score_column("n", lambda score: score.n),
    *(_recall(expression.title) for expression in Expression),
    ResultColumn("done", _done, title="Folds", width=56),
    ResultColumn("standing", lambda run: run.state, title="State", width=84, narrow=NARROW),
)  # fmt: skip


def window_columns() -> list[ResultColumn]:
    return [column for column in COLUMNS if column.title]


def terminal_columns() -> list[ResultColumn]:
    return [column for column in COLUMNS if column.short]


def csv_rows(runs: Iterable[ScoredRun]) -> list[list[object]]:
    """The names of the columns, then a row for each run and condition."""
    values = {column.key: column.value for column in COLUMNS if column.value}
    rows = [[of(run, name) for of in values.values()] for run in runs for name in run.scores]
    return [[*values], *rows]
