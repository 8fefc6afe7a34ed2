"""Start a run from pretrained weights: checked when it is made, loaded when a fold begins."""

from dataclasses import asdict, replace
from pathlib import Path

from engine.domain import Failure
from engine.experiment import Experiment, chosen
from engine.methods.base import method
from engine.networks.base import Network
from engine.store.files import write_json
from engine.store.study import Study
from engine.weights.fitting import examine, load, require
from engine.weights.source import located, network_of, recorded, sha256


def starting(experiment: Experiment, text: str, study: Study) -> Experiment:
    """The experiment with the weights that ``text`` means: name or full path, and sha256.

    Empty leaves it at random weights. Raises ``Failure`` for a file that does not fit, or that
    was learnt in a run of ``study``: from people whom other folds hold out.
    """
    if not text:
        return experiment
    file = located(text, network_of(experiment.settings))
    if file.resolve().is_relative_to(study.runs_folder.resolve()):
        raise Failure(
            f"The weights in {file} were trained on people of this study, so its folds could not "
            "hold them out: choose weights from elsewhere."
        )
    cls = method(experiment.method)
    require(examine(cls(chosen(cls.Settings, experiment.settings)).network, file))
    name = str(file.resolve()) if Path(text) == file else text
    return replace(experiment, weights=name, weights_sha256=sha256(file))


def begin(network: Network, experiment: Experiment, folder: Path) -> None:
    """Fill a fold's new network, if the run starts from weights, and keep the report beside it."""
    file = recorded(experiment)
    if file:
        write_json(folder / "weights.json", asdict(load(network, file)))
