"""Colours and type of the light and the dark window."""

import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import qtawesome
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from msde_gui.style.stylesheet import SHEET


@dataclass(frozen=True)
class Theme:
    """One set of colours, as #rrggbb."""

    name: str
    bg: str
    surface: str
    raised: str
    line: str
    text: str
    dim: str
    accent: str
    gain: str
    loss: str
    outline: str  # around coloured marks


DARK = Theme(
    "dark", "#16181d", "#1e2127", "#272b33", "#343944", "#e8eaee", "#9aa1ad", "#6ea8fe",
    "#56B4E9", "#E07A3F", "#16181d",
)  # fmt: skip
LIGHT = Theme(
    "light", "#f4f5f7", "#ffffff", "#eef0f3", "#d9dde3", "#1d2026", "#646b77", "#1f5fd0",
    "#0072B2", "#C2560E", "#1d2026",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

# Okabe and Ito's colours, told apart under every common colour blindness; in the paper's order.
EXPRESSION_COLOURS = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip

_current = [DARK]


def current() -> Theme:
    """The theme of the window; read it whenever you paint."""
    return _current[0]


def apply(app: QApplication, theme: Theme) -> None:
    """Colour the whole application. Panels must be refreshed after it."""
    _current[0] = theme
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.bg,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.dim,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.bg if theme is DARK else "#ffffff",
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(disabled, role, QColor(theme.dim))
    return palette


def _sheet(theme: Theme) -> str:
    on_accent = theme.bg if theme is DARK else "#ffffff"
    chevron = _picture("mdi6.chevron-down", theme.dim)
    check = _picture("mdi6.check-bold", on_accent)
    return SHEET.substitute(asdict(theme), on_accent=on_accent, chevron=chevron, check=check)


def _picture(name: str, colour: str) -> str:
    """The file of an icon: a style sheet takes pictures from nowhere else."""
    file = Path(_draw_files().name) / f"{name}-{colour[1:]}.png"
    if not file.exists():
        qtawesome.icon(name, color=colour).pixmap(28, 28).save(str(file))
    return file.as_posix()


@cache
def _draw_files() -> "tempfile.TemporaryDirectory[str]":
    """These files end with the program."""
    return tempfile.TemporaryDirectory(prefix="msde-studio-", ignore_cleanup_errors=True)
