"""A plug-in is one file: dropped into its folder, it is offered, and nothing else is edited."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = {
    "engine/methods/second.py": '''
"""A method that was dropped in."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from engine.methods.base import Batch, Method
from engine.networks.base import NetworkName, build


class Second(Method):
    title = "Second"
    trains_on = ("mix",)

    @dataclass(frozen=True)
    class Settings:
        network: NetworkName = "resnet18"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.network = build(settings.network)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        logits = self.network(batch.images.flatten(0, 1))
        return {"all": F.cross_entropy(logits, batch.expressions.repeat(len(batch.images)))}
''',
    "engine/networks/tiny.py": '''
"""A network that was dropped in."""

from torch import Tensor, nn

from engine.networks.base import N_EXPRESSIONS, Network


class Tiny(Network):
    variants = ("tiny",)

    def __init__(self, variant: str) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(3, 8, 3, 4), nn.ReLU())
        self.head = nn.Linear(8, N_EXPRESSIONS)

    def features(self, images: Tensor) -> Tensor:
        return self.trunk(images).mean((2, 3))

    @property
    def heatmap_layer(self) -> nn.Module:
        return self.trunk
''',
    "engine/data/formats/nothing.py": '''
"""A layout that was dropped in."""

from pathlib import Path

from engine.data.formats.base import Candidate, FolderContent, Format, ImportOptions
from engine.domain import Condition, Expression


class OneFace(Format):
    title = "Nothing"
    example = {"only.face": ""}

    def recognises(self, folder: Path) -> bool:
        return (folder / "only.face").exists()

    def read(self, folder: Path, options: ImportOptions) -> FolderContent:
        face = folder / "only.face"
        return FolderContent((Candidate(face, "s", Expression.HAPPY, Condition.NON_MASKED),))
''',
    "engine/embeddings/algorithms/flat.py": '''
"""An embedding that was dropped in."""

from dataclasses import dataclass

from engine.embeddings.algorithms.base import EmbeddingAlgorithm, Points, Values
from engine.embeddings.algorithms.pca import principal
from engine.embeddings.embedding import ReportFrames
from engine.events import Progressed


class Flat(EmbeddingAlgorithm):
    title = "Flat"
    library = "numpy"

    @dataclass(frozen=True)
    class Settings:
        pass

    def fit(self, values: Values, start: Points | None, report: ReportFrames) -> Points:
        report(Progressed("Flat", 0, 1))
        report(Progressed("Flat", 1, 1))
        return principal(values)
''',
    "engine/explanation/cam/variants/plain.py": '''
"""Plain-CAM: the sum of all channels."""

from engine.explanation.cam.seen import Floats, Seen, to_array


def maps(seen: Seen) -> Floats:
    return to_array(seen.activations.sum(1))
''',
    "engine/cli/greet.py": '''
"""A command that was dropped in."""

import typer


def add_to(app: typer.Typer) -> None:
    app.command("greet")(greet)


def greet() -> None:
    """Say hello."""
''',
    "msde_gui/pages/welcome.py": '''
"""A page that was dropped in."""

from msde_gui.panel import Panel


class WelcomePanel(Panel):
    title = "Welcome"
    icon = "mdi6.hand-wave"
    place = 70
''',
}
KINDS = ("methods", "formats", "embeddings")
RAIL = """
import json
from PySide6.QtWidgets import QApplication
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
application = QApplication([])
print(json.dumps(MainWindow(Session()).rail.titles))
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The folder of a copy of the program, with one file more of each kind."""
    folder = tmp_path_factory.mktemp("program")
    for package in ("engine", "msde_gui"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    for name, source in FILES.items():
        (folder / name).write_text(source.lstrip(), encoding="utf-8")
    yield folder
    shutil.rmtree(folder)


def said(program, *words):
    """What a process of the copy prints."""
    environment = {**os.environ, "PYTHONPATH": str(program), "XDG_CONFIG_HOME": str(program)}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=program,
        env=environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_that_methods_networks_formats_and_embeddings_are_offered(program):
    offered = json.loads(said(program, "-m", "engine", "methods", "--json"))
    titles = {one["name"]: one["title"] for kind in KINDS for one in offered[kind]}
    assert {"second": "Second", "nothing": "Nothing", "flat": "Flat"}.items() <= titles.items()
    second = next(one for one in offered["methods"] if one["name"] == "second")
    assert second["summary"] == "A method that was dropped in."
    assert "tiny" in second["settings"]["properties"]["network"]["examples"]
    assert {"paper", "quick"} <= set(second["presets"])


def test_that_commands_and_variants_of_heatmaps_are_offered(program):
    assert "Say hello." in said(program, "-m", "engine", "--help")
    assert "plain" in said(program, "-m", "engine", "explain", "--help")


def test_that_a_page_is_in_the_rail(program):
    assert json.loads(said(program, "-c", RAIL))[-1] == "Welcome"
