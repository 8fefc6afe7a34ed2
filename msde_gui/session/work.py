"""Work that goes on beside the window, whatever does it: how far it is, and what comes of it."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.events import Progressed


class Work(QObject):
    """Exactly one of ``succeeded``, ``failed`` or nothing (cancelled) follows, then ``ended``."""

    reported = Signal(object)  # an engine event, or what a kind of question tells on its way
    succeeded = Signal(object)  # what came of it
    failed = Signal(str, str)  # the sentence, the details
    ended = Signal()  # always last, whatever happened

    def __init__(self, title: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.cancelled = False
        self.step: Progressed | None = None  # how far it has come, if it has said so

    def cancel(self) -> None:
        """Nothing is heard of it from now on, except ``ended``."""
        if not self.cancelled:
            self.cancelled = True
            self._stop()

    def report(self, event: Any) -> None:
        """Pass on what is said on the way."""
        if not self.cancelled:
            self.step = event if isinstance(event, Progressed) else self.step
            self.reported.emit(event)

    def succeed(self, answer: Any) -> None:
        """The last word is an answer."""
        if not self.cancelled:
            self.succeeded.emit(answer)

    def fail(self, sentence: str, details: str = "") -> None:
        """The last word is a sentence."""
        if not self.cancelled:
            self.failed.emit(sentence, details)

    def _stop(self) -> None:
        """Tell whoever does it; ``ended`` follows later."""
        raise NotImplementedError
