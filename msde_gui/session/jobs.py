"""Commands of the engine, run as processes of their own so that the window never waits."""

import json
import shlex
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from engine.events import decode
from engine.system import environment as surroundings
from msde_gui.session.work import Work


class Job(Work):
    """One ``msde`` command; its events, its JSON result or its one-sentence error."""

    def __init__(self, title: str, arguments: list[str], parent: QObject | None = None) -> None:
        super().__init__(title, parent)
        self.arguments = arguments
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

    def _stop(self) -> None:
        """Commands write nothing or everything: nothing is left half done."""
        self._process.kill()

    def _read(self) -> None:
        content = self._rest + self._process.readAllStandardError().data()
        *lines, self._rest = content.split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace")
            event = decode(text)
            if event:
                self.report(event)
            elif text.strip() and not text.startswith("msde: "):  # the answer says that one
                self._details.append(text)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.fail(f"{self.title} could not start: is there memory left?")
            self.ended.emit()

    def _end(self, code: int) -> None:
        self._read()
        answer = _document(bytes(self._process.readAllStandardOutput().data()))
        if code == 0 and answer is not None:
            self.succeed(answer)
        else:
            sentence = (answer or {}).get("error") or f"{self.title} ended without an answer."
            self.fail(sentence, "\n".join(self._details))
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
