"""``python -m benchmarks.sample``: one command an instrument, each with a table and ``--json``."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from benchmarks.sample import background, hardness, landmarks, quiz
from benchmarks.sample.outcome import Outcome
from engine.cli._output import Output
from engine.domain import Failure

SAMPLE = Path("resources/sample")


class Instrument(Protocol):
    """What a module of this package offers to become a command."""

    __doc__: str | None

    def add_options(self, parser: argparse.ArgumentParser) -> None: ...
    def measure(self, chosen: argparse.Namespace) -> Outcome: ...


INSTRUMENTS: Mapping[str, Instrument] = {
    "hardness": hardness,
    "background": background,
    "landmarks": landmarks,
    "quiz": quiz,
}


def main(words: list[str] | None = None) -> int:
    """Exit 0 done, 1 failed, 2 wrong usage; errors are one sentence."""
    chosen = _parser().parse_args(words)
    try:
        said: Outcome = INSTRUMENTS[chosen.instrument].measure(chosen)
    except Failure as error:
        sys.stderr.write(f"{error}\n")
        return 1
    Output(chosen.json).answer(said.document, *said.shown)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sample", description=__doc__)
    commands = parser.add_subparsers(dest="instrument", required=True)
    for name, instrument in INSTRUMENTS.items():
        title = str(instrument.__doc__).partition("\n")[0]
        command = commands.add_parser(name, help=title, description=instrument.__doc__)
        command.add_argument("--folder", type=Path, default=SAMPLE, help="the rendered study")
        command.add_argument("--json", action="store_true", help="one JSON document on stdout")
        instrument.add_options(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
