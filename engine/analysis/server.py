"""The process that answers the window: JSON lines come in, events and answers go out.

In: ``{"id": 1, "ask": "explain", "request": {…}}``, ``{"cancel": 1}``. Out: ``{"id": 1, …}`` with
``event``, and last with ``answer``, ``error`` and ``details``, or ``cancelled``. It ends with its
pipe.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TextIO

from engine.analysis.base import Analyses
from engine.domain import Failure
from engine.events import Cancelled, Event, encode
from engine.store.study import Study

Message = dict[str, Any]
Say = Callable[[Message], None]


def serve(study: Study) -> None:
    """Answer one question after the other until standard input closes."""
    with _voice() as say:
        asked = PendingQuestions()
        threading.Thread(target=asked.listen, args=(sys.stdin,), daemon=True).start()
        analyses = Analyses(study)
        for message in asked.questions():
            _reply(analyses, message, asked, say)


class PendingQuestions:
    """The questions that wait, and which of them nobody wants answered any more."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Message | None] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._over = False

    def listen(self, stream: TextIO) -> None:
        """Take in every line; the end of the stream cancels all."""
        for line in stream:
            message = _message(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            elif "id" in message:
                self._waiting.put(message)
        self._over = True
        self._waiting.put(None)

    def questions(self) -> Iterator[Message]:
        while (message := self._waiting.get()) is not None and not self._over:
            yield message

    def check(self, number: int) -> None:
        """Raise ``Cancelled`` if the answer is not wanted."""
        if self._over or number in self._cancelled:
            raise Cancelled


def _reply(analyses: Analyses, message: Message, asked: PendingQuestions, say: Say) -> None:
    number = message["id"]

    def report(event: Event) -> None:
        asked.check(number)
        say({"id": number, "event": json.loads(encode(event))})

    try:
        asked.check(number)
        answer = analyses.answer(message.get("ask", ""), message.get("request", {}), report)
        say({"id": number, "answer": answer})
    except Cancelled:
        say({"id": number, "cancelled": True})
    except Exception as error:
        sentence = str(error) if isinstance(error, Failure) else _unexpected(error)
        say({"id": number, "error": sentence, "details": traceback.format_exc()})


def _unexpected(error: Exception) -> str:
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "There was not enough memory: close other programs or ask for fewer images."
    return f"Unexpected {type(error).__name__}: {error}"


def _message(line: str) -> Message:
    """Nothing for a line that is no JSON object."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


@contextmanager
def _voice() -> Iterator[Say]:
    """Say messages on standard output; whatever libraries print goes to standard error."""
    voice = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(message: Message) -> None:
        voice.write(json.dumps(message) + "\n")
        voice.flush()

    with voice:
        yield say
