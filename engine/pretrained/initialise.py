"""Start a run from pretrained weights: checked when it is made, loaded when a fold begins."""

from dataclasses import asdict, replace
from pathlib import Path

from engine.experiment.experiment import Experiment, make_settings
from engine.experiment.folds import Protocol
from engine.methods.base import method
from engine.networks.base import Network
from engine.pretrained.matching import fit, load, require
from engine.pretrained.origin import check_origin
from engine.pretrained.source import find_recorded, locate, network_of, sha256
from engine.store.files import write_json
from engine.store.runs import Run
from engine.store.study import Study


def starting(experiment: Experiment, text: str, study: Study, protocol: Protocol) -> Experiment:
    """The experiment with the weights that ``text`` means: name or full path, and sha256.

    Empty leaves it at random weights. Raises ``Failure`` for a file that does not fit, or that
    was learnt in a run of ``study`` from people whom ``protocol`` holds out.
    """
    if not text:
        return experiment
    file = locate(text, network_of(experiment.settings))
    cls = method(experiment.method)
    found = fit(cls(make_settings(cls.Settings, experiment.settings)).network, file)
    require(found.report)
    check_origin(found, file, study, protocol)
    name = str(file.resolve()) if Path(text) == file else text
    return replace(experiment, weights=name, weights_sha256=sha256(file))


def begin(network: Network, run: Run, fold: int) -> None:
    """Fill a fold's new network, if the run starts from weights, and keep the report beside it."""
    file = find_recorded(run.experiment)
    if file:
        write_json(run.weights_report(fold), asdict(load(network, file)))
