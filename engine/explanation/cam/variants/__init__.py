"""The ways to compute a heatmap: each is one function, ``maps``, in a file of this folder.

Its first line starts with the title, such as “Grad-CAM++: …”; the name is the title in small
letters without hyphens. Both are read from the file: who offers the variants imports no torch.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

FIRST = "gradcam"  # what is offered first; the others follow by the names of their files


def list_titles() -> dict[str, str]:
    """The title of every variant, by name."""
    titles = {_name(title): title for _, title in _find()}
    return {FIRST: titles[FIRST]} | titles


def find_variant(name: str) -> ModuleType:
    """The module of the variant called so, which there must be. Imports torch."""
    (module,) = (module for module, title in _find() if _name(title) == name)
    return import_module(f"{__name__}.{module}")


def _find() -> Iterator[tuple[str, str]]:
    """Modules with their titles; none is imported."""
    for module in pkgutil.iter_modules(__path__):
        source = Path(__path__[0], f"{module.name}.py").read_text(encoding="utf-8")
        yield module.name, source.lstrip('"').partition(":")[0]


def _name(title: str) -> str:
    return title.lower().replace("-", "")
