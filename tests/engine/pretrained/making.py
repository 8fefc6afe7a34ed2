"""Networks of a few numbers, and weight files as public programs leave them."""

import struct
from collections import OrderedDict

import torch
from torch import nn

from engine.networks.base import Network


class Tiny(Network):
    """A trunk with the names and kinds of tensors that residual networks have."""

    def __init__(self, width=4):
        super().__init__()
        parts = {"conv1": nn.Conv2d(3, width, 3, bias=False), "bn1": nn.BatchNorm2d(width)}
        parts |= {"relu": nn.ReLU(), "maxpool": nn.MaxPool2d(2)}
        parts |= {f"layer{k}": nn.Sequential(block(width)) for k in (1, 2, 3, 4)}
        self.trunk = nn.Sequential(OrderedDict(parts))
        self.head = nn.Linear(width, 7)

    def features(self, images):
        return self.trunk(images).mean((2, 3))

    @property
    def heatmap_layer(self):
        return self.trunk.layer4


def block(width):
    return nn.Sequential(OrderedDict(conv1=nn.Conv2d(width, width, 3), bn1=nn.BatchNorm2d(width)))


def random_state(module, seed=1):
    """Its tensors with other values, running statistics among them."""
    drawn = torch.Generator().manual_seed(seed)
    return {
        name: torch.rand(value.shape, generator=drawn) if value.is_floating_point() else value
        for name, value in module.state_dict().items()
    }


def prefixed(state, prefix):
    return {prefix + name: value for name, value in state.items()}


def filled_with(network, state):
    """Whether the trunk holds the tensors of ``state``."""
    mine = network.trunk.state_dict()
    names = [name for name in mine if not name.endswith("num_batches_tracked")]
    return all(torch.equal(mine[name], state[name]) for name in names)


def of_python_2(arrays):
    """The bytes that Python 2 with numpy 1 wrote for a dictionary of float32 arrays."""
    items = b"".join(_text(name.encode()) + _array(array) for name, array in arrays.items())
    return b"\x80\x02}(" + items + b"u."


def _text(content):
    return b"T" + struct.pack("<i", len(content)) + content


def _array(array):
    shape = b"(" + b"".join(b"J" + struct.pack("<i", side) for side in array.shape) + b"t"
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + _text(b"b") + b"tR"
    kind = b"cnumpy\ndtype\n(" + _text(b"f4") + b"K\x00K\x01tR"
    kind += b"(K\x03" + _text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    return empty + b"(K\x01" + shape + kind + b"I00\n" + _text(array.tobytes()) + b"tb"
