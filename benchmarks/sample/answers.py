"""What a person answered on a sheet of faces, scored by its key and beside a network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from benchmarks.sample.outcome import wilson
from engine.data import label_words
from engine.domain import Expression, Failure

LINE = re.compile(r"\s*(\d+)[\s.:,;)=]+(\S+)\s*$")


@dataclass(frozen=True)
class Asked:
    """A face on the sheet and the truth about it."""

    number: int
    file: str
    subject: str
    expression: str
    condition: str


def answers_in(text: str) -> dict[int, Expression]:
    """By number, from lines such as ``12 happy``; empty lines and ``#`` notes are passed over."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = LINE.match(line)
        expression = label_words.expression(match[2]) if match else None
        if match is None or expression is None:
            raise Failure(f"Line {number} of the answers, “{line}”, is not like “12 happy”.")
        found[int(match[1])] = expression
    return found


def score(asked: Sequence[Asked], answers: Mapping[int, Expression]) -> dict[str, Any]:
    """Accuracy by condition and recall by expression; a face without an answer counts as wrong."""
    right = {one.number: _right(one, answers) for one in asked}
    groups: dict[str, list[bool]] = {"all": list(right.values())}
    for one in asked:
        groups.setdefault(one.condition, []).append(right[one.number])
    for expression in Expression:
        of = [right[one.number] for one in asked if one.expression == expression.title]
        groups |= {expression.title: of} if of else {}
    return {
        name: {"right": sum(of), "n": len(of), "interval": wilson(sum(of), len(of))}
        for name, of in groups.items()
    }


def compare(
    asked: Sequence[Asked], answers: Mapping[int, Expression], predicted: Mapping[str, str]
) -> dict[str, Any]:
    """Person against network on the same faces, with McNemar's exact test."""
    missing = [one.file for one in asked if one.file not in predicted]
    if missing:
        raise Failure(f"The predictions say nothing of {missing[0]}.")
    pairs = [(_right(one, answers), predicted[one.file] == one.expression) for one in asked]
    person, network = pairs.count((True, False)), pairs.count((False, True))
    n, fewer = person + network, min(person, network)
    p = min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)
    right = sum(said for _, said in pairs)
    network_right = {"right": right, "n": len(pairs), "interval": wilson(right, len(pairs))}
    return {"network": network_right, "only_person": person, "only_network": network, "p": p}


def _right(one: Asked, answers: Mapping[int, Expression]) -> bool:
    given = answers.get(one.number)
    return given is not None and given.title == one.expression
