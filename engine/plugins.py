"""Find what was added to a package by dropping a file into it."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from engine.domain import Failure

T = TypeVar("T")


def find(base: type[T], package: str) -> dict[str, type[T]]:
    """Import each module of ``package``; return the subclass of ``base`` it defines, by name.

    A folder adds one as well, in its module that is called as the one of ``base``, if it has it.
    """
    own = base.__module__.rpartition(".")[2]
    for module in pkgutil.iter_modules(import_module(package).__path__):
        name = f"{package}.{module.name}"
        import_module(name)
        if module.ispkg and find_spec(f"{name}.{own}"):
            import_module(f"{name}.{own}")
    return {
        cls.__module__.removeprefix(f"{package}.").partition(".")[0]: cls
        for cls in sorted(base.__subclasses__(), key=lambda cls: cls.__module__)
        if cls.__module__.startswith(f"{package}.")
    }


def find_one(name: str, base: type[T], package: str) -> type[T]:
    """The one plug-in called ``name``; no other is imported.

    Raises ``Failure`` that lists the names there are.
    """
    module = f"{package}.{name}"
    if any(name == one.name for one in pkgutil.iter_modules(import_module(package).__path__)):
        import_module(module)
    for cls in base.__subclasses__():
        if cls.__module__ == module:
            return cls
    known = ", ".join(find(base, package))
    noun = getattr(base, "noun", base.__name__.lower())
    raise Failure(f"There is no {noun} “{name}”: choose one of {known}.")
