"""What the window asks of networks, answered by two warm processes beside it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from engine.system.messages import Answered, Asked, Message, Refused, Said, Withdrawn, pack, take
from msde_gui.session.jobs import start
from msde_gui.session.work import Work

PROMPT = frozenset({"explain"})  # a click waits for it: nothing long holds it up in its process
PATIENCE = 1500  # ms that a cancelled question has before its process is ended


class Question(Work):
    """One thing asked."""

    def __init__(self, number: int, kind: str, request: Any, lane: "_Lane") -> None:
        super().__init__(kind, lane)
        self.number, self.kind, self.request = number, kind, request
        self._lane = lane

    def hear(self, message: Message) -> None:
        """Pass on what the process said; the last word ends the question."""
        if isinstance(message, Said):
            self.report(message.event)
            return
        self._lane.forget(self)
        if isinstance(message, Answered):
            self.succeed(message.answer)
        elif isinstance(message, Refused):
            self.fail(message.sentence, message.details)
        self.ended.emit()
        self.deleteLater()

    def _stop(self) -> None:
        self._lane.cancel(self)


class AnalysisClient(QObject):
    """Asks about one study. A long question of one kind holds up none of another."""

    busy_changed = Signal()

    def __init__(self, study: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._lanes: dict[bool, _Lane] = {}  # by whether they are prompt
        self._number = 0

    def ask(self, kind: str, request: Any) -> Question:
        """``kind`` is a module of ``engine/analysis``. Connect to what is returned."""
        prompt = kind in PROMPT
        if prompt not in self._lanes:
            self._lanes[prompt] = _Lane(self._study, self)
            self._lanes[prompt].changed.connect(self.busy_changed)
        self._number += 1
        question = Question(self._number, kind, request, self._lanes[prompt])
        self._lanes[prompt].put(question)
        return question

    @property
    def waiting(self) -> list[Question]:
        return [question for lane in self._lanes.values() for question in lane.waiting.values()]

    def close(self) -> None:
        """End every process; nobody hears of what was asked."""
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()


class _Lane(QObject):
    """One process and what it was asked; it is started again if it dies."""

    changed = Signal()

    def __init__(self, study: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.waiting: dict[int, Question] = {}
        self._study = study
        self._process: QProcess | None = None
        self._received = bytearray()
        self._errors = b""
        self._ended = False  # by us, since it did not hear

    def put(self, question: Question) -> None:
        self.waiting[question.number] = question
        self._send(question)
        self.changed.emit()

    def cancel(self, question: Question) -> None:
        self._write(Withdrawn(question.number))
        process = self._process
        QTimer.singleShot(PATIENCE, self, lambda: self._end_if_deaf(question.number, process))

    def forget(self, question: Question) -> None:
        self.waiting.pop(question.number, None)
        self.changed.emit()

    def close(self) -> None:
        process, self._process = self._process, None
        for question in self.waiting.values():
            question.cancelled = True
        if process:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(1000)

    def _send(self, question: Question) -> None:
        self._write(Asked(question.number, question.kind, question.request))

    def _write(self, message: Message) -> None:
        if self._process is None:
            self._start()
        if self._process:
            self._process.write(pack(message))

    def _start(self) -> None:
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._keep_errors)
        process.finished.connect(self._died)
        process.errorOccurred.connect(self._not_started)
        self._process, self._received, self._errors = process, bytearray(), b""
        start(process, "analyse", str(self._study))

    def _read(self) -> None:
        if self._process is None:
            return
        self._received += self._process.readAllStandardOutput().data()
        for message in take(self._received):
            if question := self.waiting.get(message.number):
                question.hear(message)

    def _keep_errors(self) -> None:
        if self._process:
            self._errors = (self._errors + self._process.readAllStandardError().data())[-20_000:]

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._died()

    def _died(self) -> None:
        """What was cancelled is over. The rest is asked again, or fails if the process fell."""
        ended, self._ended, self._process = self._ended, False, None
        details = self._errors.decode("utf-8", "replace")
        for question in list(self.waiting.values()):
            if ended and not question.cancelled:
                self._send(question)
            else:
                sentence = "The process that computes this ended: is there memory left? Ask again."
                question.hear(Refused(question.number, sentence, details))

    def _end_if_deaf(self, number: int, process: QProcess | None) -> None:
        if number in self.waiting and process and process is self._process:
            self._ended = True
            process.kill()
