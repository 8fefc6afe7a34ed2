"""The process that answers the window: questions come in by standard input, answers go out.

Each kind of question is answered in a thread of its own. The process ends with its pipe.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from engine.analysis.base import Analyses
from engine.domain import Failure
from engine.events import Cancelled
from engine.store.study import Study
from engine.system import messages
from engine.system.messages import Answered, Asked, Dropped, Message, Refused, Said, Withdrawn

Say = Callable[[Message], None]
Questions = SimpleQueue[Asked | None]  # nothing: there will be no more


def serve(study: Path) -> None:
    """Answer until standard input closes: that withdraws all."""
    kinds: dict[str, tuple[Questions, Thread]] = {}
    wanted = Wanted()
    with _voice() as say:
        try:
            for message in messages.read(sys.stdin.buffer):
                if isinstance(message, Withdrawn):
                    wanted.withdraw(message.number)
                elif isinstance(message, Asked):
                    if message.kind not in kinds:
                        kinds[message.kind] = _start(study, wanted, say)
                    kinds[message.kind][0].put(message)
        finally:
            wanted.close()
            for questions, thread in kinds.values():
                questions.put(None)
                thread.join()


class Wanted:
    """Which answers nobody wants any more."""

    def __init__(self) -> None:
        self._withdrawn: set[int] = set()
        self._over = False

    def withdraw(self, number: int) -> None:
        self._withdrawn.add(number)

    def close(self) -> None:
        self._over = True

    def check(self, number: int) -> None:
        """Raise ``Cancelled`` if the answer is not wanted."""
        if self._over or number in self._withdrawn:
            raise Cancelled


def _start(study: Path, wanted: Wanted, say: Say) -> tuple[Questions, Thread]:
    questions: Questions = SimpleQueue()
    thread = Thread(target=_answer_all, args=(study, questions, wanted, say))
    thread.start()
    return questions, thread


def _answer_all(folder: Path, questions: Questions, wanted: Wanted, say: Say) -> None:
    """One after the other, by a study of this thread's own, as SQLite asks."""
    try:
        with Study(folder) as study:
            analyses = Analyses(study)
            for question in iter(questions.get, None):
                _reply(analyses, question, wanted, say)
    except Failure as error:  # it was opened before, by ``analyst``
        for question in iter(questions.get, None):
            say(Refused(question.number, str(error), traceback.format_exc()))


def _reply(analyses: Analyses, question: Asked, wanted: Wanted, say: Say) -> None:
    number = question.number

    def report(event: Any) -> None:
        wanted.check(number)
        say(Said(number, event))

    try:
        wanted.check(number)
        say(Answered(number, analyses.answer(question.kind, question.request, report)))
    except Cancelled:
        say(Dropped(number))
    except Exception as error:
        sentence = str(error) if isinstance(error, Failure) else _unexpected(error)
        say(Refused(number, sentence, traceback.format_exc()))


def _unexpected(error: Exception) -> str:
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "There was not enough memory: close other programs or ask for fewer images."
    return f"Unexpected {type(error).__name__}: {error}"


@contextmanager
def _voice() -> Iterator[Say]:
    """Say messages on standard output; whatever libraries print goes to standard error."""
    voice, alone = os.fdopen(os.dup(1), "wb"), Lock()
    os.dup2(2, 1)

    def say(message: Message) -> None:
        content = messages.pack(message)
        with alone:
            voice.write(content)
            voice.flush()

    with voice:
        yield say
