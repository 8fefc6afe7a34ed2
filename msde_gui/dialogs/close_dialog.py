"""What the window asks before it closes while runs work."""

from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

BOTH = (
    "In background, it and then the whole queue are worked on without a window; opening the study "
    "again shows how far they are. Stopped, they wait in the queue until you resume a run. Runs "
    "that were started in a terminal go on there either way."
)


class CloseAnswer(Enum):
    KEEP_RUNNING = auto()
    STOP = auto()
    CANCEL = auto()


def ask(parent: QWidget, runs: int) -> CloseAnswer:
    """Keep running in background, stop and save, or do not close."""
    what = "A run is" if runs == 1 else f"{runs} runs are"
    box = QMessageBox(parent)
    box.setWindowTitle("Close MSD-E Studio")
    box.setText(f"{what} still training.")
    box.setInformativeText(BOTH)
    keep = box.addButton("Keep running in background", QMessageBox.ButtonRole.AcceptRole)
    stop = box.addButton("Stop and save", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.exec()
    answers = {keep: CloseAnswer.KEEP_RUNNING, stop: CloseAnswer.STOP}
    return answers.get(box.clickedButton(), CloseAnswer.CANCEL)  # type: ignore[call-overload, no-any-return]
