"""Box plots by keyboard: where one stands, and where a key leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt

Key = Qt.Key
KEYS = "arrows: next box, dots above and below · M: next run · Enter: its faces"


@dataclass(frozen=True)
class Stop:
    """A place in a group of boxes."""

    group: int
    series: int
    part: int = 0  # 1 the dots above, 0 the box, -1 the dots below


def step(now: Stop | None, key: int, boxes: Sequence[tuple[int, int]]) -> Stop | None:
    """Where the key leads among ``boxes``, each a group and a series; nothing if nowhere.

    Left and right go from box to box as they stand, M to the next series' box of the group or the
    first, up and down to the dots. The first key of all goes to the first box.
    """
    known = sorted(boxes)
    if not known or key not in (*_WAYS, Key.Key_Up, Key.Key_Down):
        return None
    if now is None or (now.group, now.series) not in known:
        group, series = known[0]
        return Stop(group, series)
    if key in (Key.Key_Up, Key.Key_Down):
        part = now.part + (1 if key == Key.Key_Up else -1)
        return Stop(now.group, now.series, part) if abs(part) <= 1 else None
    ring = [box for box in known if box[0] == now.group] if key == Key.Key_M else known
    place = ring.index((now.group, now.series)) + _WAYS[Key(key)]
    if key == Key.Key_M:
        place %= len(ring)
    if not 0 <= place < len(ring):
        return None
    group, series = ring[place]
    return Stop(group, series)


_WAYS = {Key.Key_Left: -1, Key.Key_Right: 1, Key.Key_M: 1}
