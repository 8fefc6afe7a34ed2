"""Start the process of heatmaps while nobody asks for any: the first click finds it awake."""

import psutil
from PySide6.QtCore import QObject, QTimer

from msde_gui.pages.explain.model import ExplainModel

QUIET = 2000  # ms after a study has opened, in which the window comes to rest
ROOM = 4_000_000_000  # free bytes; below, the memory is left for those who ask


class Warming(QObject):
    """Once for each study, as soon as it has finished runs.

    The process has the priority of any other: one that is lowered could not be raised for the
    click. With the networks of one run it takes about 600 MB.
    """

    def __init__(self, model: ExplainModel) -> None:
        super().__init__(model)
        self._model, self._done = model, False
        self.timer = QTimer(self, singleShot=True, interval=QUIET)
        self.timer.timeout.connect(self._warm)
        model.session.study_changed.connect(self._begin)
        model.changed.connect(self._wait)
        self._wait()

    def _begin(self) -> None:
        self.timer.stop()
        self._done = False
        self._wait()

    def _wait(self) -> None:
        if self._model.runs and not self._done and not self.timer.isActive():
            self.timer.start()

    def _warm(self) -> None:
        self._done = True
        if psutil.virtual_memory().available > ROOM:
            self._model.maps.make_ready(self._model.runs[:1])  # the others load in no time
