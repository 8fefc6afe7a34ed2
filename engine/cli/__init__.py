"""The ``msde`` command: everything the window does, for scripts."""

import json
import os
import sys
import traceback

import typer

from engine.cli import (
    attention,
    data,
    embed,
    errors,
    explain,
    facts,
    queue,
    reproduce,
    runs,
    sample,
    scores,
    synthesize,
    weights,
    worker,
)
from engine.domain import Failure
from engine.events import Cancelled

app = typer.Typer(
    name="msde",
    help="Facial expression recognition under face masks: import, train, read the errors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    sample,
    synthesize,
    data,
    runs,
    queue,
    reproduce,
    scores,
    errors,
    embed,
    explain,
    attention,
    weights,
    facts,
    worker,
):
    part.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Exit 0 done, 1 failed, 2 wrong usage, 130 interrupted; errors are one sentence."""
    words = sys.argv[1:] if arguments is None else arguments
    verbose = "--verbose" in words
    words = [word for word in words if word != "--verbose"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch: large pages, a tenth faster here
    try:
        code = app(words, standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except (KeyboardInterrupt, typer.Abort, Cancelled):
        _tell("Interrupted: what was done by then is kept.", words, verbose=False)
        sys.exit(130)
    except Failure as error:
        _tell(str(error), words, verbose)
        sys.exit(1)
    except Exception as error:
        usage = getattr(error, "format_message", None)  # typer's own class for it is private
        sentence = usage() if usage else f"Unexpected {type(error).__name__}: {error}"
        _tell(sentence, words, verbose or not usage)
        sys.exit(2 if usage else 1)


def _tell(sentence: str, words: list[str], verbose: bool) -> None:
    if verbose:
        sys.stderr.write(traceback.format_exc())
    if "--json" in words:
        sys.stdout.write(json.dumps({"error": sentence}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"msde: {sentence}\n")
