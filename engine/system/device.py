"""What this machine computes with: devices and number formats."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import thread_time

import torch
from torch import nn

from engine.system.processes import cores

MULTIPLIERS = ("amx_bf16", "avx512_bf16", "bf16")  # as torch names capabilities of Intel and ARM
ROUNDS = 8


def devices() -> list[str]:
    """Every GPU, or the CPU."""
    if torch.cuda.is_available():
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["cpu"]


@cache
def precision(device: str) -> str:
    """``bf16`` where the hardware multiplies it and is not slower for it, else ``fp32``.

    A CPU is measured, once a process; of a GPU its own word is taken.
    """
    if not multiplies(device):
        return "fp32"
    faster = device.startswith("cuda") or _seconds("bf16") < _seconds("fp32")
    return "bf16" if faster else "fp32"


def multiplies(device: str) -> bool:
    """Whether its hardware multiplies bf16."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in MULTIPLIERS)


def _seconds(precision: str) -> float:
    """Seconds of a convolution as ResNet-18 has them, forward and backward: the best of a few.

    The time of one thread, so that neither other programs nor idle cores change the answer.
    """
    images = torch.ones(4, 64, 28, 28).contiguous(memory_format=torch.channels_last)
    layer = nn.Conv2d(64, 64, 3, padding=1, bias=False).to(memory_format=torch.channels_last)

    def once() -> float:
        began = thread_time()
        with autocast("cpu", precision):
            layer(images).float().sum().backward()
        return thread_time() - began

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return min(once() for _ in range(ROUNDS))
    finally:
        torch.set_num_threads(threads)


@contextmanager
def a_core_each(device: str) -> Iterator[int]:
    """How many threads may step side by side meanwhile: on a CPU one for each core.

    One core for each batch is faster than all cores for one.
    """
    before, workers = torch.get_num_threads(), cores() if device == "cpu" else 1
    torch.set_num_threads(max(1, before // workers))
    try:
        yield workers
    finally:
        torch.set_num_threads(before)


def choose_batch(device: str) -> int:
    """Images that a network without gradients takes best: few stay in a core's caches."""
    return 32 if device == "cpu" else 256


def settle(threads: int = 1) -> None:
    """Make this process one of several: few threads, and the same sums at every repetition."""
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def autocast(device: str, precision: str) -> torch.autocast:
    """A context in which ``precision`` is used where it is safe."""
    kind = device.partition(":")[0]
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=precision == "bf16")
