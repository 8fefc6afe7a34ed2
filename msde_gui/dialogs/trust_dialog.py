"""Asks once whether a study from elsewhere may have images read that lie outside of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.store.trust import NAMED, Strangers

QUESTION = (
    "“{name}” was not made here and takes images from outside of its folder. "
    "Read images from these folders?"
)


def ask(parent: QWidget, strangers: Strangers) -> bool:
    """Whether the user agrees; none of the images has been read by then."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    more = len(strangers.folders) - NAMED
    rest = [f"and {more:,} more"] if more > 0 else []
    question = QUESTION.format(name=strangers.study.name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText("\n".join([question, "", *strangers.folders[:NAMED], *rest]))
    box.setDetailedText("\n".join(strangers.folders))
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    box.setDefaultButton(QMessageBox.StandardButton.No)
    agreed = box.exec() == QMessageBox.StandardButton.Yes
    box.deleteLater()
    return agreed
