"""The network that a finished fold of a run left."""

import torch

from engine.checkpoint import load_weights
from engine.experiment import chosen
from engine.methods.base import method
from engine.networks.base import Network
from engine.store.runs import Run


def trained(run: Run, fold: int, device: str = "cpu") -> Network:
    """In evaluation mode. Raises ``Failure`` if the fold's weights are missing or damaged."""
    cls = method(run.experiment.method)
    network = cls(chosen(cls.Settings, run.experiment.settings)).network
    load_weights(network, run.fold(fold) / "network.safetensors")
    network.to(memory_format=torch.channels_last)
    return network.to(device).eval()
