"""The haircuts: how long, how upright and where combed. Each is one entry of ``HAIRCUTS``."""

from dataclasses import dataclass

Direction = tuple[float, float, float]  # sideways from the parting, up, forward


@dataclass(frozen=True)
class Haircut:
    """Lengths in decimetres. ``comb`` acts on top of the head, ``sides`` below."""

    top: float
    side: float
    lift: float  # 0 lies flat, 1 stands up
    comb: Direction = (0, 0, 0)
    sides: Direction = (0, -0.7, -0.2)
    gravity: float = 0.1
    curl: float = 0.12
    steps: int = 10
    strands: int = 9000
    falls: bool = False  # down beside the face
    parted: bool = False
    bun: bool = False


HAIRCUTS: dict[str, Haircut] = {
    "buzz": Haircut(0.05, 0.05, 1.0, steps=3, strands=12000),
    "short": Haircut(0.30, 0.14, 0.5, (0.5, 0, 0.5)),
    "crop": Haircut(0.38, 0.13, 0.45, (0.15, -0.25, 1.0), (0, -0.8, 0.1)),
    "quiff": Haircut(0.42, 0.12, 0.9, (0.3, 0.5, -0.3), (0, -0.7, -0.3)),
    "side": Haircut(0.55, 0.15, 0.45, (1.1, -0.1, 0.15), (0, -0.8, -0.3), 0.15, parted=True),
    "curly": Haircut(0.48, 0.34, 1.0, (0, 0, 0), (0, 0, 0), 0.2, 0.55),
    "tied": Haircut(0.75, 0.75, 0.1, (0, 0.15, -1.2), (0, 0.15, -1.2), 0.0, 0.05, 12, bun=True),
    "bob": Haircut(1.2, 1.2, 0.3, (0.75, 0, -0.1), (0, 0, 0), 0.7, 0.15, 16, 10000, True, True),
    "long": Haircut(2.2, 2.2, 0.3, (0.75, 0, -0.12), (0, 0, 0), 0.7, 0.15, 22, 10000, True, True),
}
