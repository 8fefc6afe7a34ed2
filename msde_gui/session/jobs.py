"""Commands of the engine, run as processes of their own so that the window never waits."""

import json
import shlex
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from engine.events import decode
from engine.system import environment as surroundings


class Job(QObject):
    """One ``msde`` command; its events, its JSON result or its one-sentence error."""

    reported = Signal(object)  # an engine event
    succeeded = Signal(object)  # the JSON document
    failed = Signal(str, str)  # the sentence, the details
    ended = Signal()  # always last, whatever happened

    def __init__(self, title: str, arguments: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.arguments = arguments
        self.cancelled = False
        self._rest = b""
        self._details: list[str] = []
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._end)
        self._process.errorOccurred.connect(self._not_started)

    @property
    def command(self) -> str:
        """What to type for the same in a terminal."""
        return command_line(self.arguments)

    def start(self) -> None:
        options = ["--json", "--progress", "lines"]
        start(self._process, *self.arguments, *options)

    def cancel(self) -> None:
        """End the process; commands write nothing or everything, so nothing is left half done."""
        self.cancelled = True
        self._process.kill()

    def _read(self) -> None:
        content = self._rest + self._process.readAllStandardError().data()
        *lines, self._rest = content.split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace")
            event = decode(text)
            if event:
                self.reported.emit(event)
            elif text.strip() and not text.startswith("msde: "):  # the answer says that one
                self._details.append(text)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit(f"{self.title} could not start: is there memory left?", "")
            self.ended.emit()

    def _end(self, code: int) -> None:
        self._read()
        answer = _document(bytes(self._process.readAllStandardOutput().data()))
        if not self.cancelled:
            if code == 0 and answer is not None:
                self.succeeded.emit(answer)
            else:
                sentence = (answer or {}).get("error") or f"{self.title} ended without an answer."
                self.failed.emit(sentence, "\n".join(self._details))
        self.ended.emit()


def start(process: QProcess, *words: str) -> None:
    """``msde`` with these words. It starts in the program's folder: paths in them are absolute."""
    environment = QProcessEnvironment()
    for name, value in {**surroundings.environment(), "PYTHONUTF8": "1"}.items():
        environment.insert(name, value)
    process.setProcessEnvironment(environment)
    process.setWorkingDirectory(surroundings.ROOT)
    program, *arguments = surroundings.command(*words)
    process.start(program, arguments)


def command_line(arguments: list[str]) -> str:
    """``msde`` with its arguments, quoted for a shell."""
    return shlex.join(["msde", *arguments])


def _document(content: bytes) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(content)
    except ValueError:
        return None
    return document
