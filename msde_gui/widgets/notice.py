"""The one place where errors are shown: a bar that stays until it is dismissed."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import label


class Notice(QFrame):
    """One sentence, *Copy details* and a cross; a further error takes the place of the last.

    What the user cannot mend has details and *Open log folder*.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("notice", True)
        self.collect_log: Callable[[], str] = str  # more for *Copy details*: nothing
        self._details = ""
        self._icon = QLabel()
        self.text = label("", wrap=True)
        self.copy = QPushButton("Copy details")
        self.log_folder = QPushButton("Open log folder")
        self.dismiss = QToolButton()
        self.dismiss.setToolTip("Dismiss")
        self.dismiss.setAutoRaise(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 10, 6)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.log_folder)
        row.addWidget(self.copy)
        row.addWidget(self.dismiss)
        self.copy.clicked.connect(self._copy)
        self.dismiss.clicked.connect(self.hide)
        self.hide()

    def say(self, sentence: str, details: str) -> None:
        self.text.setText(sentence)
        self._details = details
        self.log_folder.setVisible(bool(details))
        self.refresh()
        self.show()

    def refresh(self) -> None:
        self._icon.setPixmap(icon("mdi6.alert-circle", theme.current().loss).pixmap(18, 18))
        self.dismiss.setIcon(icon("mdi6.close"))

    def _copy(self) -> None:
        parts = [part for part in (self.text.text(), self._details, self.collect_log()) if part]
        QGuiApplication.clipboard().setText("\n\n".join(parts))
