"""Write into the study's folder of exports, whole or not at all, and say where, or why not."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from engine.domain import Failure
from engine.store.files import make_folder, write_bytes
from engine.system.faults import cause
from msde_gui.session.session import Session


def write(session: Session, name: str, content: str | bytes, done: str = "Written") -> None:
    """To where ``place`` says; tells ``done`` and the file."""
    file = place(session, name)
    if not file:
        return
    if isinstance(content, str):
        content = content.encode(errors="backslashreplace")
    try:
        write_bytes(file, content)
    except (OSError, Failure) as error:
        _fail(session, file, error)
        return
    session.said.emit(f"{done}: {file}")


def draw(session: Session, title: str, words: Sequence[str], file: Path) -> None:
    """Let a command write ``file``; then say so, or why not."""
    job = session.start(title, list(words))
    job.succeeded.connect(lambda _: session.said.emit(f"Written: {file}"))
    job.failed.connect(session.failed)


def write_list(session: Session, ids: Sequence[int]) -> None:
    """The files of these samples, one a line."""
    found = files(session, ids)
    write(session, "faces.txt", "\n".join(found) + "\n", f"{len(found):,} files listed")


def files(session: Session, ids: Sequence[int]) -> list[str]:
    """The paths of these samples, in their order."""
    samples = (session.sample(number) for number in ids)
    return [str(sample.file) for sample in samples if sample]


def place(session: Session, name: str) -> Path | None:
    """Where it goes: ``name`` gets the time before its ending, its folder is made.

    Nothing, and ``failed``, if that cannot be.
    """
    if not session.study:
        return None
    made = Path(name)
    stamped = f"{made.stem}-{datetime.now():%Y%m%d-%H%M%S}{made.suffix}"
    file = session.study.exports_folder / stamped
    try:
        make_folder(file.parent)
    except (OSError, Failure) as error:
        _fail(session, file, error)
        return None
    return file


def _fail(session: Session, file: Path, error: Exception) -> None:
    session.failed.emit(f"{file} cannot be written: {cause(error)}.", "")
