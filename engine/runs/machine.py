"""What a run computes on, found where and when its work starts and not where it was queued."""

import sys
from dataclasses import dataclass
from pathlib import Path

from engine.events import RunStarted
from engine.experiment.experiment import Experiment
from engine.store import event_log
from engine.store.runs import Run
from engine.system.processes import pool

DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, WSL
MULTIPLIERS = frozenset(("amx_bf16", "avx512_bf16", "bf16"))  # in /proc/cpuinfo


@dataclass(frozen=True)
class Machine:
    """Devices that folds may use and the number format of their sums: bf16 or fp32."""

    devices: tuple[str, ...]
    precision: str

    @property
    def kind(self) -> str:
        """cpu, or cuda for any number of GPUs."""
        return self.devices[0].partition(":")[0]


def find(experiment: Experiment) -> Machine:
    """Where it cannot but be what the run was queued for, torch need not be asked."""
    if experiment.devices == ("cpu",) and _has_no_gpu() and _multiplies(experiment.precision):
        return Machine(experiment.devices, experiment.precision)
    with pool(1) as helpers:
        return helpers.submit(ask, experiment).result()


def ask(experiment: Experiment) -> Machine:
    """What torch says. The number format that was wished for at queueing stays where it can."""
    from engine.system.device import devices, multiplies, precision

    used = tuple(devices())
    wished, wanted = experiment.precision, experiment.training.precision
    if wanted != "auto":
        return Machine(used, wanted)
    alike = Machine(used, wished).kind == Machine(experiment.devices, wished).kind
    if alike and (wished == "fp32" or multiplies(used[0])):
        return Machine(used, wished)
    return Machine(used, precision(used[0]))


def describe_move(run: Run, machine: Machine) -> str:
    """A sentence if the run was begun on another kind of machine; else empty."""
    begun = [e for e in event_log.events(run.events_file) if isinstance(e, RunStarted)]
    if not begun or not any(run.fold(fold.number).exists() for fold in run.protocol.folds):
        return ""
    before = Machine((begun[-1].device,), begun[-1].precision)
    if (before.kind, before.precision) == (machine.kind, machine.precision):
        return ""
    return (
        f"The run goes on on {', '.join(machine.devices)} in {machine.precision}; it was begun on "
        f"{begun[-1].device} in {begun[-1].precision}, so it is no longer equal bit for bit to one "
        "that was never stopped."
    )


def _has_no_gpu() -> bool:
    if sys.platform == "darwin":
        return True
    return sys.platform == "linux" and not any(Path(driver).exists() for driver in DRIVERS)


def _multiplies(precision: str) -> bool:
    """Whether the processor is known not to be slowed down by the number format."""
    if precision == "fp32":
        return True
    try:
        return bool(MULTIPLIERS & {*Path("/proc/cpuinfo").read_text().split()})
    except OSError:
        return False
