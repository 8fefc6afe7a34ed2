"""The colour scale of every share between 0 and 1, and the ink that can be read on it."""

from functools import cache

from PySide6.QtGui import QColor

STEPS = 256
DARK_INK, LIGHT_INK = "#14161a", "#f5f6f8"


def shade(share: float) -> QColor:
    """Cividis, the same for every kind of colour vision."""
    step = round(min(1.0, max(0.0, share)) * (STEPS - 1))
    return QColor(_cividis()[step])


def ink(ground: QColor) -> QColor:
    """Dark on light colours, light on dark ones."""
    bright = 0.3 * ground.redF() + 0.59 * ground.greenF() + 0.11 * ground.blueF()
    return QColor(DARK_INK if bright > 0.45 else LIGHT_INK)


@cache
def _cividis() -> tuple[str, ...]:
    from cmap import Colormap  # not above: it takes a tenth of the window's start

    colours = Colormap("cividis")
    return tuple(colours(step / (STEPS - 1)).hex[:7] for step in range(STEPS))
