"""Which runs stand beside each other, by one rule on every page."""

from collections.abc import Iterable, Sequence

from engine.store.runs import State
from msde_gui.session.run_list import RunView

MOST = 6  # runs side by side


def list_finished(views: Sequence[RunView]) -> tuple[str, ...]:
    """Ids of the runs whose networks are all there, oldest first."""
    return tuple(view.id for view in views if view.state is State.FINISHED)


def newest(views: Sequence[RunView], offered: Iterable[str]) -> tuple[str, ...]:
    """Of those offered the latest of each method and condition of training, finished ones first.

    At most ``MOST``, oldest first.
    """
    known = set(offered)
    latest: dict[tuple[str, str], str] = {}
    for view in sorted(views, key=lambda one: one.state is State.FINISHED):
        if view.id in known:
            latest[view.experiment.method, view.experiment.train] = view.id
    return tuple(view.id for view in views if view.id in latest.values())[-MOST:]


def keep(
    chosen: Sequence[str], views: Sequence[RunView], offered: Sequence[str]
) -> tuple[str, ...]:
    """What was chosen and is still offered; if nothing is, the newest."""
    return tuple(run for run in chosen if run in offered) or newest(views, offered)


def toggle(chosen: Sequence[str], name: str, offered: Sequence[str]) -> tuple[str, ...]:
    """With a run, or without, in the order they were made; as before if none or too many are."""
    wanted = set(chosen) ^ {name}
    fits = 0 < len(wanted) <= MOST
    return tuple(run for run in offered if run in wanted) if fits else tuple(chosen)
