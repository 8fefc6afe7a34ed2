"""Icons in the colours of the theme."""

import qtawesome
from PySide6.QtGui import QIcon

from msde_gui.style import theme


def icon(name: str, colour: str = "") -> QIcon:
    """A qtawesome icon, by default in the text's colour. Ask anew after a theme change."""
    colours = theme.current()
    found: QIcon = qtawesome.icon(
        name, color=colour or colours.text, color_disabled=colours.dim, scale_factor=1.0
    )
    return found
