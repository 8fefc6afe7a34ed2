"""The user's own copy of the sample study: made once beside the window, opened from then on."""

from pathlib import Path

from engine.data import sample_study
from engine.store.study import DATABASE
from msde_gui.session import preferences
from msde_gui.session.jobs import Job
from msde_gui.session.session import Session

TITLE = "Open the sample study"
COPYING = "Copy the sample study"


def place() -> Path:
    """Where the copy lies, or will lie."""
    return preferences.data_folder() / sample_study.NAME


def is_offered() -> bool:
    """Whether there is a copy, or something to copy."""
    return _exists() or sample_study.find_shipped() is not None


def copying(session: Session) -> Job | None:
    """The job that makes the copy, while it does."""
    return next((job for job in session.jobs if job.arguments[:1] == ["sample"]), None)


def open_copy(session: Session) -> None:
    """Open the copy; make it first if there is none, or none any more."""
    if _exists():
        session.open(place())
    elif not copying(session):
        before = session.study
        job = session.start(COPYING, ["sample", str(place())])
        job.succeeded.connect(lambda _: _open_unless_elsewhere(session, before))
        job.failed.connect(session.failed)


def _exists() -> bool:
    return (place() / DATABASE).is_file()


def _open_unless_elsewhere(session: Session, before: object) -> None:
    """Whoever opened another study in the meantime stays there."""
    if session.study is before:
        session.open(place())
