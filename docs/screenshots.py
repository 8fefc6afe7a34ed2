"""Make the guide's pictures from the real program: ``make screenshots``.

Copies the sample study, trains on it, and takes each page light and dark.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.domain import Condition, Expression
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.window.main_window import MainWindow

HERE = Path(__file__).parent
SIZE = (1480, 960)


def main() -> int:
    """Copy, train twice, start a third run and take the pictures while it works."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CONFIG_HOME"] = place  # leave the user's preferences alone
        study = Path(tempfile.gettempdir(), "Sample study")
        shutil.rmtree(study, ignore_errors=True)
        msde("sample", study)
        for train in ("nm", "mix"):
            msde("run", "--study", study, *settings(train))
        msde("run", "--study", study, *settings("m", seed=1), "--queue")
        take(study)
    return 0


def settings(train: str, seed: int = 0) -> list[str]:
    """Short training: the pictures show the program, not a result."""
    common = [
        "--method",
        "baseline",
        "--preset",
        "quick",
        "--set",
        "epochs=16",
        "--set",
        "drops=12",
    ]
    return [*common, "--train", train, "--seed", str(seed)]


def msde(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "engine", *map(str, words)], check=True)


def take(study: Path) -> None:
    """Every page, dark then light."""
    app = QApplication([])
    theme.apply(app, theme.DARK)
    session = Session()
    window = MainWindow(session)
    session.open(study)
    window.resize(*SIZE)
    window.show()
    session.learn()
    assert session.runs
    session.runs.enqueue(session.runs.views[-1].id)
    until(lambda: bool(session.catalogue.methods))
    until(lambda: session.runs is not None and epochs(session) >= 14)
    show_errors(window, session)
    for chosen in (theme.DARK, theme.LIGHT):
        theme.apply(app, chosen)
        window.refresh()
        for number, page in enumerate(window.pages):
            window.show_page(number)
            QTest.qWait(700)
            name = page.title.partition(" ")[0].lower()
            keep(window, HERE / f"{name}-{chosen.name}.png")
    session.runs.stop(session.runs.views[-1].id)
    until(lambda: session.runs is not None and not session.runs.working)
    session.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def keep(window: MainWindow, file: Path) -> None:
    """With a palette of 256 colours: a third of the size, and no difference to the eye."""
    window.grab().save(str(file))
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def epochs(session: Session) -> int:
    """Of the run at work."""
    assert session.runs
    return sum(len(fold.epochs) for fold in session.runs.views[-1].progress.folds)


def show_errors(window: MainWindow, session: Session) -> None:
    """Sad faces that the run on both conditions took for disgust, as a click on the cell does."""
    results = next(page for page in window.pages if page.title == "Results")
    assert session.runs
    results.model.choose(session.runs.views[1].id)  # type: ignore[attr-defined]
    cell = (int(Expression.SAD), int(Expression.DISGUST))
    results.model.select(Condition.MASKED, [cell])  # type: ignore[attr-defined]
    chosen = session.selection.ids or tuple(session.dataset.ids[:1].tolist())
    session.focus(chosen[0])


def until(claim: object, patience: float = 180.0) -> None:
    """Let the window work until ``claim()`` holds."""
    limit = time.monotonic() + patience
    while not claim():  # type: ignore[operator]
        assert time.monotonic() < limit
        QTest.qWait(100)


if __name__ == "__main__":
    sys.exit(main())
