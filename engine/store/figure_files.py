"""Figures as files for print: PNG, SVG or PDF, alike on every machine, with their fonts in them."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.domain import Failure
from engine.store.exports import check_file, exporting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (".png", ".svg", ".pdf")
DPI = 300
INK, LINE = "#1d2026", "#d9dde3"
STYLE: Any = {
    "savefig.dpi": DPI,
    "savefig.bbox": "tight",
    "svg.fonttype": "path",  # outlines: no viewer needs the font
    "svg.hashsalt": "msde",  # names of parts are the same every time
    "pdf.fonttype": 42,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "axes.titlecolor": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
UNDATED: dict[str, Any] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
# For names of any writing, where a system has one of them.
FURTHER = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Yu Gothic", "Hiragino Sans", "Microsoft YaHei",
    "Malgun Gothic", "Segoe UI", "Arial Unicode MS",
)  # fmt: skip


def check_figure(file: Path) -> None:
    """Raise ``Failure`` unless the file's ending is a figure's, and it can be written."""
    check_kind(file)
    check_file(file)


def check_kind(file: Path) -> None:
    """Raise ``Failure`` unless the file's ending is a figure's."""
    if file.suffix.lower() not in KINDS:
        raise Failure(f"{file.name} must end with {', '.join(KINDS)}: name the file anew.")


def save_figure(draw: "Callable[[], Figure]", file: Path) -> None:
    """As the file's ending says, whole or not at all. Raises ``Failure``."""
    check_figure(file)
    kind = file.suffix.lower()
    with default_style(), exporting(file) as draft, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a name's letter that no font here has
        draw().savefig(draft, format=kind[1:], metadata=UNDATED[kind])


@contextmanager
def default_style() -> Iterator[None]:
    """Whatever a user has set for figures of their own does not count inside."""
    import matplotlib  # not above: it takes half a second
    from matplotlib.font_manager import get_font_names

    known = {*get_font_names()}
    family = ["DejaVu Sans", *(name for name in FURTHER if name in known)]
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        matplotlib.rcParams["font.family"] = family
        yield
