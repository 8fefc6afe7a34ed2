"""Runs that cannot be read, at the end of every menu of runs: each with its reason."""

from PySide6.QtWidgets import QMenu

from msde_gui.session.session import Session
from msde_gui.widgets.labels import plain


def list_damaged(menu: QMenu, session: Session) -> None:
    """Whenever the menu opens; such a run cannot be chosen."""
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(lambda: _list(menu, session))


def _list(menu: QMenu, session: Session) -> None:
    for action in [action for action in menu.actions() if not action.isCheckable()]:
        menu.removeAction(action)
    for run, fault in session.faults.items():
        action = menu.addAction(f"{run}  ·  damaged")
        action.setEnabled(False)
        action.setToolTip(plain(fault))
