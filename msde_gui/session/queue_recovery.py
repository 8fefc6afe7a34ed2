"""What became of the queue while the window was closed, and what becomes of it now."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from engine.store.runs import State
from msde_gui.session import preferences
from msde_gui.session.run_list import Runs

KEY = "left"  # of the preferences: by study the runs that it was closed with
ENDED = (State.FINISHED, State.FAILED, State.STOPPED, State.INTERRUPTED)


def remember(study: Path, names: Sequence[str]) -> None:
    """These runs go on, or wait, while no window looks."""
    preferences.remember(KEY, json.dumps({**_load_left(), str(study): list(names)}))


def tell(study: Path, runs: Runs) -> str:
    """As sentences; empty if the study was not left with a queue. It is told once."""
    names = _load_left().get(str(study), [])
    if names:
        remember(study, [])
    views = [runs.view(name) for name in names if name not in runs.waiting]
    states = Counter(view.state for view in views if view)
    ended = [f"{states[state]} {state}" for state in ENDED if states[state]]
    told = [f"While the window was closed: {', '.join(ended)}."] if ended else []
    count = len(runs.waiting)
    if count:
        waits = "1 run waits" if count == 1 else f"{count} runs wait"
        then = "Resume lets it go on" if runs.held else "it goes on"
        told.append(f"{waits} in the queue: {then}.")
    return " ".join(told)


def _load_left() -> dict[str, list[str]]:
    try:
        left = json.loads(preferences.text(KEY, "{}"))
    except ValueError:
        return {}
    return left if isinstance(left, dict) else {}
