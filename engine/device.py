"""What this machine computes with: devices and number formats."""

import torch


def devices() -> list[str]:
    """Every GPU, or the CPU."""
    if torch.cuda.is_available():
        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return ["cpu"]


def precision(device: str) -> str:
    """``bf16`` where the hardware multiplies it fast (CUDA, CPUs with AMX), else ``fp32``."""
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return "bf16" if capabilities.get("amx_bf16") else "fp32"


def settle(threads: int = 1) -> None:
    """Make this process one of several: few threads, and the same sums at every repetition."""
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def autocast(device: str, precision: str) -> torch.autocast:
    """A context in which ``precision`` is used where it is safe."""
    kind = device.partition(":")[0]
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=precision == "bf16")
