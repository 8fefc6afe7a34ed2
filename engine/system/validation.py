"""Plain data taken as dataclasses: validators that are made once, and what they refuse in words."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError


@cache
def adapter(cls: Any) -> TypeAdapter[Any]:
    """To build one takes longer than to use it a hundred times."""
    return TypeAdapter(cls)


def fault(error: ValidationError) -> str:
    """The first wrong value and what is wrong with it, short enough for a sentence."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:60]
    return f"{place}: {first['msg']}"[:200] if place else str(first["msg"])[:200]
