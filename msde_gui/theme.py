"""Colours and type of the light and the dark window."""

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


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
    pg.setConfigOptions(background=theme.surface, foreground=theme.dim, antialias=True)


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
    return f"""
    * {{ font-size: 13px; }}
    QFrame[card="true"] {{
        background: {theme.surface}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame[card="true"] QLabel {{ background: transparent; }}
    QLabel[role="title"] {{ font-size: 20px; font-weight: 600; }}
    QLabel[role="heading"] {{ font-size: 14px; font-weight: 600; }}
    QLabel[role="dim"] {{ color: {theme.dim}; font-size: 12px; }}
    QPushButton {{
        background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 6px;
        padding: 5px 12px; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.dim}; }}
    QPushButton[primary="true"] {{
        background: {theme.accent}; color: {on_accent}; border-color: {theme.accent};
        font-weight: 600; }}
    QPushButton[primary="true"]:disabled {{
        background: {theme.raised}; color: {theme.dim}; border-color: {theme.line}; }}
    QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit {{
        background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 6px;
        padding: 4px 6px; selection-background-color: {theme.accent}; }}
    QTableView, QListView, QTreeView {{
        background: {theme.surface}; border: none; gridline-color: {theme.line};
        selection-background-color: {theme.raised}; selection-color: {theme.text}; }}
    QHeaderView::section {{
        background: {theme.surface}; color: {theme.dim}; border: none; padding: 6px;
        border-bottom: 1px solid {theme.line}; font-weight: 600; }}
    QProgressBar {{
        background: {theme.raised}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
    QToolTip {{
        background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line}; }}
    """
