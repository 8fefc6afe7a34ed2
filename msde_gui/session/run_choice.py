"""Which runs stand beside each other."""

from collections.abc import Sequence

from engine.store.runs import State
from msde_gui.session.run_list import RunView

MOST = 6


def list_finished(views: Sequence[RunView]) -> tuple[str, ...]:
    """Ids of the runs that can be shown, oldest first."""
    return tuple(view.id for view in views if view.state is State.FINISHED)


def newest(views: Sequence[RunView]) -> tuple[str, ...]:
    """The latest finished run of each method and condition of training, at most ``MOST``."""
    latest: dict[tuple[str, str], str] = {}
    for view in views:
        if view.state is State.FINISHED:
            kind = (view.experiment.method, view.experiment.train)
            latest.pop(kind, None)
            latest[kind] = view.id
    return tuple(latest.values())[-MOST:]
