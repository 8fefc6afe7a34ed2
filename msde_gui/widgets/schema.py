"""The fields of a JSON schema: what a value may be, how it is written and read as text."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORDS = {"integer": "a whole number", "number": "a number such as 0.01 or 1e-4"}


@dataclass(frozen=True)
class Field:
    """One property. ``kind`` is integer, number, boolean, array, choice, file-path or string."""

    key: str
    title: str
    tip: str
    kind: str
    default: Any = None
    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf  # exclusive limits
    below: float = math.inf
    choices: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()  # of the choices
    unit: str = ""
    items: str = "string"  # the kind of an array's members

    def read(self, text: str) -> Any:
        """The value a text means. Raises ``ValueError`` with a sentence for the user."""
        if self.kind == "array":
            return [self._one(part, self.items) for part in _parts(text)]
        return self._one(text.strip(), self.kind)

    def write(self, value: Any) -> str:
        """A text that ``read`` turns back into ``value``."""
        if isinstance(value, list | tuple):
            return ", ".join(self.write(one) for one in value)
        if isinstance(value, float):
            short = f"{value:g}"
            return short if float(short) == value else repr(value)
        return str(value)

    def _one(self, text: str, kind: str) -> Any:
        if kind not in WORDS:
            return text
        try:
            value = int(text) if kind == "integer" else float(text)
        except ValueError:
            raise ValueError(f"{self.title}: “{text}” is not {WORDS[kind]}.") from None
        if not math.isfinite(value):
            raise ValueError(f"{self.title}: “{text}” is not {WORDS[kind]}.")
        self._check(value)
        return value

    def _check(self, value: float) -> None:
        limits = (
            (value < self.low, "at least", self.low),
            (value > self.high, "at most", self.high),
            (value <= self.above, "more than", self.above),
            (value >= self.below, "less than", self.below),
        )
        for broken, words, limit in limits:
            if broken:
                raise ValueError(f"{self.title} must be {words} {limit:g}.")


def fields(schema: Mapping[str, Any]) -> list[Field]:
    """In the order of the schema; references and optional types are followed."""
    shared = schema.get("$defs", {})
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [_field(key, _follow(one, shared)) for key, one in properties.items()]


def _field(key: str, one: Mapping[str, Any]) -> Field:
    choices = tuple(one.get("enum", ()))
    examples = tuple(one.get("examples", ()))
    title = str(one.get("title") or key.replace("_", " "))
    members = one.get("items", {})
    return Field(
        key=key,
        title=title[:1].upper() + title[1:].lower(),
        tip=str(one.get("description", "")),
        kind=_kind(one),
        default=one.get("default"),
        low=one.get("minimum", -math.inf),
        high=one.get("maximum", math.inf),
        above=one.get("exclusiveMinimum", -math.inf),
        below=one.get("exclusiveMaximum", math.inf),
        choices=choices or examples,
        names=tuple(one.get("enumNames", map(str, choices or examples))),
        unit=str(one.get("unit", "")),
        items=str(members.get("type", "string")),
    )


def _kind(one: Mapping[str, Any]) -> str:
    if "enum" in one:
        return "choice"
    return "open-choice" if "examples" in one else str(one.get("format") or one.get("type", ""))


def _follow(one: Mapping[str, Any], shared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The property with what it refers to; of several types the first that is not null."""
    kinds = [*one.get("anyOf", ()), *one.get("oneOf", ()), *one.get("allOf", ())]
    chosen: Mapping[str, Any] = next((kind for kind in kinds if kind.get("type") != "null"), {})
    for part in (one, chosen):
        if "$ref" in part:
            chosen = shared.get(part["$ref"].rpartition("/")[2], {})
    return {**chosen, **one}


def _parts(text: str) -> list[str]:
    return [
        part for part in text.strip(" []()").replace(";", ",").replace(",", " ").split() if part
    ]
