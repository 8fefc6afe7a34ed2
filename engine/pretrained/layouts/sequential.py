"""Residual trunks that were cut into ``nn.Sequential``: their parts have numbers, not names.

``nn.Sequential(*list(resnet.children())[:-2])`` is what many public programs train, DAN and EAC
among them.
"""

from engine.pretrained.layouts.base import Layout

PARTS = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}


class Sequential(Layout):
    title = "a residual network's parts by number"

    @staticmethod
    def translated(name: str) -> str | None:
        part, _, rest = name.partition(".")
        return f"{PARTS[part]}.{rest}" if part in PARTS else None
