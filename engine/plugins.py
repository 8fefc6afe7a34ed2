"""Find what was added to a package by dropping a file into it."""

import pkgutil
from importlib import import_module
from typing import TypeVar

from engine.domain import Failure

T = TypeVar("T")


def find(base: type[T], package: str) -> dict[str, type[T]]:
    """Import each module of ``package``; return the subclass of ``base`` it defines, by name."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
    return {
        cls.__module__.rpartition(".")[2]: cls
        for cls in sorted(base.__subclasses__(), key=lambda cls: cls.__module__)
        if cls.__module__.startswith(f"{package}.")
    }


def named(name: str, base: type[T], package: str) -> type[T]:
    """The one plug-in called ``name``. Raises ``Failure`` that lists the names there are."""
    found = find(base, package)
    if name not in found:
        kind = package.rpartition(".")[2].removesuffix("s")
        raise Failure(f"There is no {kind} “{name}”: choose one of {', '.join(found)}.")
    return found[name]
