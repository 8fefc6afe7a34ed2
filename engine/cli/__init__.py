"""The ``msde`` command: everything the window does, for scripts; each file here adds commands."""

import json
import os
import pkgutil
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from types import ModuleType

import typer

from engine.cli._terminal import say, visible, visible_lines
from engine.domain import Failure
from engine.events import Cancelled
from engine.store.trust import AGREED
from engine.system import logs
from engine.system.faults import cause

LAST = 1000  # the place of commands that name none


def _find_parts() -> list[ModuleType]:
    """The modules of this folder that add commands, in the order of the help."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    parts = [import_module(f"{__name__}.{name}") for name in names if not name.startswith("_")]
    return sorted(parts, key=lambda part: getattr(part, "PLACE", LAST))


app = typer.Typer(
    name="msde",
    help="Facial expression recognition under face masks: import, train, read the errors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in _find_parts():
    part.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Exit 0 done, 1 failed, 2 wrong usage, 130 interrupted; errors are one sentence."""
    words = sys.argv[1:] if arguments is None else arguments
    verbose = "--verbose" in words
    _prepare(verbose, trusting="--trust" in words)
    words = [word for word in words if word not in ("--verbose", "--trust")]
    try:
        code = app(words, standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except (KeyboardInterrupt, typer.Abort, Cancelled):
        _tell("Interrupted: what was done by then is kept.", words, verbose=False)
        sys.exit(130)
    except Failure as error:
        _tell(str(error), words, verbose)
        sys.exit(1)
    except OSError as error:
        _tell(f"{error.filename or 'The disk'} cannot be used: {cause(error)}.", words, verbose)
        sys.exit(1)
    except Exception as error:
        usage = getattr(error, "format_message", None)  # typer's own class for it is private
        sentence = usage() if usage else f"Unexpected {type(error).__name__}: {error}"
        _tell(" ".join(sentence.split()), words, verbose or not usage)
        sys.exit(2 if usage else 1)


def _prepare(verbose: bool, trusting: bool) -> None:
    """Make streams and environment what every command needs."""
    if verbose:
        logs.write_to_errors()
    if trusting:
        os.environ[AGREED] = "1"
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch: large pages, a tenth faster here


def _tell(sentence: str, words: list[str], verbose: bool) -> None:
    with suppress(Failure):  # there is nowhere left to say it
        if verbose:
            say(visible_lines(traceback.format_exc()), sys.stderr)
        if "--json" in words:
            say(visible(json.dumps({"error": sentence}, ensure_ascii=False)) + "\n", sys.stdout)
        if sentence:  # none where the help has been shown
            say(f"msde: {visible(sentence)}\n", sys.stderr)
