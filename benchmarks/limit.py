"""The most images a second that this machine can bring through a network.

One constant batch in memory, nothing but the passes themselves: no loading, no augmentation, no
evaluation. Tried are one process with all cores and a process for each core, bf16 autocast and
fp32, channels_last and contiguous, and the fastest of these with memory in huge pages. The fastest
two are tried again whenever the limit is asked for: one look at a machine may err. Processes are
measured while the others work too. The networks are the program's own, so that a leaner one
raises the limit; ``torchvision:NAME`` is torchvision's.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Adam

from benchmarks.together import Wait, together
from engine.networks.base import N_EXPRESSIONS, build
from engine.system.device import autocast, settle
from engine.system.processes import cores

TORCHVISION = "torchvision:"
LAYOUTS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}
PRECISIONS = ("bf16", "fp32")
WARM_UP = 3  # steps
FINALISTS = 2
HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"  # torch reads it once, at its first tensor

Step = Callable[[], object]


@dataclass(frozen=True)
class Passes:
    """What one step does to a batch, and how often."""

    network: str
    size: int
    batch: int
    learnt: int = 1  # forward, loss, backward; then one step of the optimiser
    seen: int = 0  # forward alone, without gradients


@dataclass(frozen=True)
class Setting:
    """How the steps are computed."""

    processes: int
    threads: int  # of each process
    precision: str
    layout: str
    huge_pages: bool = False

    def __str__(self) -> str:
        places = f"{self.processes} process{'es' * (self.processes > 1)} × {self.threads} thread"
        memory = ", huge pages" if self.huge_pages else ""
        return f"{places}{'s' * (self.threads > 1)}, {self.precision}, {self.layout}{memory}"


@dataclass(frozen=True)
class Limit:
    """The fastest settings, and the batches' rows a second of every one that was tried."""

    finalists: tuple[Setting, ...]  # the fastest first
    tried: dict[str, float]


@dataclass(frozen=True)
class Stepping:
    """One process's share: rows a second under each setting in turn."""

    passes: Passes
    settings: tuple[Setting, ...]
    seconds: float

    def __call__(self, wait: Wait) -> list[float]:
        return [self._speed(setting, wait) for setting in self.settings]

    def _speed(self, setting: Setting, wait: Wait) -> float:
        settle(setting.threads)
        step = _step(self.passes, setting)
        for _ in range(WARM_UP):
            step()
        wait()
        begun, steps = perf_counter(), 0
        while perf_counter() < begun + self.seconds:
            step()
            steps += 1
        return self.passes.batch * steps / (perf_counter() - begun)


def best(passes: Passes, seconds: float) -> Limit:
    """Every setting for so many seconds."""
    tried: dict[Setting, float] = {}
    for settings in _settings():
        tried |= _speeds(passes, settings, seconds)
    huge = replace(max(tried, key=tried.__getitem__), huge_pages=True)
    tried |= _speeds(passes, (huge,), seconds)
    fastest = sorted(tried, key=tried.__getitem__, reverse=True)[:FINALISTS]
    return Limit(tuple(fastest), {str(one): round(speed, 2) for one, speed in tried.items()})


def again(passes: Passes, found: Limit, seconds: float) -> float:
    """Rows a second now, under the best of the settings that were the fastest before."""
    speeds = [_speeds(passes, (one,), seconds)[one] for one in found.finalists]
    return max(speeds)


def _speeds(passes: Passes, settings: tuple[Setting, ...], seconds: float) -> dict[Setting, float]:
    """Of settings that differ in nothing that a process starts with."""
    with _memory(settings[0].huge_pages):
        found = together(Stepping(passes, settings, seconds), settings[0].processes)
    return dict(zip(settings, found, strict=True))


@contextmanager
def _memory(huge_pages: bool) -> Iterator[None]:
    """Processes started inside ask for their memory in such pages, or expressly do not."""
    before = os.environ.get(HUGE_PAGES)
    os.environ[HUGE_PAGES] = str(int(huge_pages))
    try:
        yield
    finally:
        os.environ.pop(HUGE_PAGES)
        if before is not None:
            os.environ[HUGE_PAGES] = before


def document(limit: Limit, speed: float) -> dict[str, object]:
    return {"per_second": speed, "setting": asdict(limit.finalists[0]), "tried": limit.tried}


def _settings() -> Iterator[tuple[Setting, ...]]:
    """Those with the same processes together: they are started once."""
    for processes in sorted({1, cores()}):
        threads = cores() // processes
        yield tuple(
            Setting(processes, threads, precision, layout)
            for precision, layout in product(PRECISIONS, LAYOUTS)
        )


def _step(passes: Passes, setting: Setting) -> Step:
    torch.manual_seed(0)
    parts = []
    if passes.learnt:
        parts.append(_learning(passes, setting))
    if passes.seen:
        parts.append(_looking(passes, setting))
    return lambda: [part() for part in parts]


def _learning(passes: Passes, setting: Setting) -> Step:
    network = _built(passes.network, setting).train()
    images = _faces(passes.learnt * passes.batch, passes.size, setting)
    expressions = torch.arange(len(images)) % N_EXPRESSIONS
    optimizer = Adam(network.parameters(), lr=1e-4, weight_decay=1e-4, fused=True)

    def step() -> None:
        with autocast("cpu", setting.precision):
            loss = F.cross_entropy(network(images).float(), expressions)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def _looking(passes: Passes, setting: Setting) -> Step:
    network = _built(passes.network, setting).eval()
    images = _faces(passes.seen * passes.batch, passes.size, setting)

    def step() -> None:
        with torch.inference_mode(), autocast("cpu", setting.precision):
            network(images)

    return step


def _built(name: str, setting: Setting) -> nn.Module:
    if name.startswith(TORCHVISION):
        from torchvision.models import get_model

        plain = name.removeprefix(TORCHVISION)
        network: nn.Module = get_model(plain, weights=None, num_classes=N_EXPRESSIONS)
    else:
        network = build(name)
    return network.to(memory_format=LAYOUTS[setting.layout])


def _faces(n: int, size: int, setting: Setting) -> torch.Tensor:
    return torch.randn(n, 3, size, size).contiguous(memory_format=LAYOUTS[setting.layout])
