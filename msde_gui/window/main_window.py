"""The main window: rail, pages, docks, bars, and the commands that reach them all."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from engine.plugins import find
from engine.store.trust import Strangers, agree
from engine.system import logs
from msde_gui.dialogs import close_dialog, import_dialog, study_menu, trust_dialog
from msde_gui.panel import Command, Panel
from msde_gui.session import preferences, sample_study
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.widgets.notice import Notice
from msde_gui.window.command_palette import Palette
from msde_gui.window.dock import EDGE, Dock
from msde_gui.window.job_strip import JobStrip
from msde_gui.window.rail import Rail
from msde_gui.window.shortcut_sheet import Keys
from msde_gui.window.top_bar import TopBar

DOCKS = 340  # px wide at first


class MainWindow(QMainWindow):
    """Shows whatever lies in ``pages/``: pages in the middle, the others as docks.

    The first page is there at once, the others as soon as it has been painted.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.ask = close_dialog.ask
        self.ask_to_trust = trust_dialog.ask
        panels = _find_panels()
        self._names = [name for name, cls in panels.items() if not cls.dock]
        self._to_come = [panels[name] for name in self._names]
        self._pages: list[Panel] = []
        self._keys: set[str] = set()
        self._assistant: import_dialog.ImportAssistant | None = None
        self.docks = [Dock(cls(session), self) for cls in panels.values() if cls.dock]
        self.rail = Rail([(cls.title, cls.icon) for cls in self._to_come])
        self.top = TopBar(session)
        self.strip = JobStrip(session)
        self.notice = Notice()
        self.notice.collect_log = logs.read_last
        self.stack = QStackedWidget()
        self.setWindowTitle("MSD-E Studio")
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._lay_out()
        self.palette_box = Palette(self)
        self._install([*self._view_commands(), *self._study_commands()])
        self._connect()
        self._restore()
        self.show_page(0)
        for dock in self.docks:
            self._install(dock.panel.commands())

    @property
    def pages(self) -> list[Panel]:
        """All of them: those that are still to come are made now."""
        while self._to_come:
            self._add_page()
        return self._pages

    def commands(self) -> list[Command]:
        """The commands of the window and of every panel, as they are now."""
        panels = [*self.pages, *(dock.panel for dock in self.docks)]
        mine = [*self._view_commands(), *self._study_commands()]
        return mine + [command for panel in panels for command in panel.commands()]

    def show_page(self, number: int) -> None:
        while number >= len(self._pages):
            self._add_page()
        self.stack.setCurrentIndex(number)
        self.rail.show_page(number)

    def refresh(self) -> None:
        """Show everything anew, as after a change of theme."""
        for part in (self.rail, self.top, self.strip, self.notice):
            part.refresh()
        for page in self._pages:
            page.refresh()
        for dock in self.docks:
            dock.refresh()

    def toggle_theme(self) -> None:
        """From light to dark or back, for this and every later start."""
        chosen = theme.LIGHT if theme.current() is theme.DARK else theme.DARK
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, chosen)
        preferences.remember("theme", chosen.name)
        self.refresh()

    def _meet(self, found: Strangers) -> None:
        """Open the study if the user trusts it, or did before anybody was asked."""
        if found.study in preferences.recent() or self.ask_to_trust(self, found):
            agree(found.folders)
            self.session.open(found.study)

    def _add_page(self) -> None:
        page = self._to_come.pop(0)(self.session)
        self._pages.append(page)
        self.stack.addWidget(page)
        self._install(page.commands())

    def _view_commands(self) -> list[Command]:
        pages = [
            Command(f"Go to {title}", partial(self.show_page, n), f"Ctrl+{n + 1}")
            for n, title in enumerate(self.rail.titles)
        ]
        docks = [
            Command(f"Show or hide {dock.panel.title}", dock.toggleViewAction().trigger)
            for dock in self.docks
        ]
        return [
            *pages,
            Command("Find a command", self._open_palette, "Ctrl+K"),
            Command("Back to the previous selection", lambda: self.session.step(-1), "Alt+Left"),
            Command("Forward to the next selection", lambda: self.session.step(1), "Alt+Right"),
            Command("Light or dark theme", self.toggle_theme, "Ctrl+Shift+D"),
            *docks,
            Command("Show all keys", self._show_keys, "F1"),
        ]

    def _study_commands(self) -> list[Command]:
        open_sample = Command(sample_study.TITLE, lambda: sample_study.open_copy(self.session))
        return [
            Command("Import a folder of faces…", self._import, "Ctrl+I"),
            Command("Open a study…", lambda: study_menu.choose(self.session, self), "Ctrl+O"),
            Command("Make a new study…", lambda: study_menu.make(self.session, self), "Ctrl+N"),
            *([open_sample] if sample_study.is_offered() else []),
            Command("Open the log folder", _open_log_folder),
            Command("Close the window", self.close, "Ctrl+Q"),
        ]

    def _lay_out(self) -> None:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.notice)
        self.setMenuWidget(head)
        self._bar("rail", Qt.ToolBarArea.LeftToolBarArea, self.rail)
        self._bar("strip", Qt.ToolBarArea.BottomToolBarArea, self.strip)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(EDGE, 8, 4, 6)
        inside.addWidget(self.stack)
        self.setCentralWidget(middle)
        for dock in self.docks:
            self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.resizeDocks(self.docks, [DOCKS] * len(self.docks), Qt.Orientation.Horizontal)

    def _bar(self, name: str, area: Qt.ToolBarArea, widget: QWidget) -> None:
        bar = QToolBar(name, movable=False)
        bar.setObjectName(name)
        bar.addWidget(widget)
        self.addToolBar(area, bar)

    def _install(self, commands: list[Command]) -> None:
        for command in commands:
            if command.keys and command.keys not in self._keys:
                self._keys.add(command.keys)
                action = QAction(command.title, self, shortcut=QKeySequence(command.keys))
                action.triggered.connect(lambda _=False, run=command.run: run())
                self.addAction(action)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.top.palette_wanted.connect(self._open_palette)
        self.top.theme_wanted.connect(self.toggle_theme)
        self.session.failed.connect(self.notice.say)
        self.notice.log_folder.clicked.connect(_open_log_folder)
        self.session.study_changed.connect(self._opened)
        self.session.met_strangers.connect(self._meet)
        self.session.asked_for_page.connect(self._show_named)
        self.session.asked_for_import.connect(self._import)

    def _show_named(self, name: str) -> None:
        self.show_page(self._names.index(name))

    def _opened(self) -> None:
        study = self.session.study
        if study:
            preferences.remember_study(study.folder)
            self.setWindowTitle(f"{study.name} – MSD-E Studio")

    def _open_palette(self) -> None:
        self.palette_box.open(self.commands())

    def _show_keys(self) -> None:
        sheet = Keys(self.commands(), self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()

    def _import(self, folder: Path | None = None) -> None:
        self._assistant = import_dialog.show(self.session, self, folder, self._assistant)

    def _restore(self) -> None:
        self.resize(1480, 1006)
        self.restoreGeometry(preferences.layout("geometry"))
        if not self.restoreState(preferences.layout("state")):
            shares = [52, 48] if len(self.docks) == 2 else [1] * len(self.docks)
            heights = [10 * share for share in shares]
            self.resizeDocks(self.docks, heights, Qt.Orientation.Vertical)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._to_come:
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        """One page at a time, so that what the user does meanwhile is answered in between."""
        if self._to_come:
            self._add_page()
            QTimer.singleShot(0, self, self._go_on)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if import_dialog.find_dropped_folder(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = import_dialog.find_dropped_folder(event.mimeData())
        if folder:
            self._import(Path(folder))

    def closeEvent(self, event: QCloseEvent) -> None:
        working = len(self.session.runs.working) if self.session.runs else 0
        answer = self.ask(self, working) if working else close_dialog.CloseAnswer.STOP
        if answer is close_dialog.CloseAnswer.CANCEL:
            event.ignore()
            return
        preferences.remember("geometry", self.saveGeometry())
        preferences.remember("state", self.saveState())
        for job in list(self.session.jobs):
            job.cancel()
        self.session.close(keep_running=answer is close_dialog.CloseAnswer.KEEP_RUNNING)
        event.accept()


def _find_panels() -> dict[str, type[Panel]]:
    """By the names of their folders, from top to bottom."""
    found = find(Panel, "msde_gui.pages")
    return dict(sorted(found.items(), key=lambda one: one[1].place))


def _open_log_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs.folder())))
