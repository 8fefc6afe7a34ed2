"""The bar at the top: product, study, folds, and the way to every command."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton

from msde_gui.dialogs import study_menu
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided, caption, label, plain


class TopBar(QFrame):
    """Shows which study is open and how its subjects were split last."""

    palette_wanted = Signal()
    theme_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("bar", "top")
        self.setFixedHeight(46)
        self.study = QPushButton()
        self.menu = QMenu(self.study)
        self.menu.aboutToShow.connect(lambda: study_menu.fill(self.menu, session, self.window()))
        self.study.setMenu(self.menu)
        self.folds = Elided()
        self.search = QPushButton("Find a command…")
        self.search.setProperty("find", True)
        self.search.setMinimumWidth(250)
        self.keys = label("Ctrl+K", "dim")
        self.switch = QPushButton()
        self.switch.setFixedSize(QSize(32, 28))
        self._lay_out()
        self.search.clicked.connect(self.palette_wanted)
        self.switch.clicked.connect(self.theme_wanted)
        session.study_changed.connect(self.refresh)
        session.runs_changed.connect(self._refresh_folds)
        self.refresh()

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self.search)
        inside.setContentsMargins(0, 0, 10, 0)
        inside.addStretch(1)
        inside.addWidget(self.keys)
        self.keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 14, 0)
        row.setSpacing(14)
        row.addWidget(label("MSD-E Studio", "brand"))
        row.addWidget(self.study)
        row.addWidget(self.folds, 1)
        row.addWidget(self.search)
        row.addWidget(self.switch)

    def refresh(self) -> None:
        study, colours = self._session.study, theme.current()
        self.study.setText(f"Study  {caption(study.name)}" if study else "Open a study")
        self.study.setToolTip(plain(str(study.folder)) if study else "")
        self._refresh_folds()
        self.folds.setStyleSheet(f"color: {colours.gain};")
        dark = colours is theme.DARK
        self.switch.setIcon(icon("mdi6.weather-sunny" if dark else "mdi6.weather-night"))
        self.switch.setToolTip(f"{'Light' if dark else 'Dark'} theme  Ctrl+Shift+D")

    def _refresh_folds(self) -> None:
        runs = self._session.runs.views if self._session.runs else []
        note = f"✓ {runs[-1].experiment.folds} folds by subject, no leak" if runs else ""
        self.folds.setText(note)
