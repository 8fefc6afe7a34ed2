"""The colours of samples on the screen: those of figures, or the theme's where it has its own."""

from dataclasses import replace

from engine.embeddings import colouring as printed
from engine.embeddings.colouring import Colouring, Facts
from msde_gui.style import theme


def colouring(key: str, known: Facts, folds: int) -> Colouring:
    """Of every sample under one of the keys, in the colours of the theme as it is now."""
    colours = theme.current()
    own = {
        "prediction": (*theme.EXPRESSION_COLOURS, colours.dim),
        "correct": (colours.gain, colours.loss, colours.dim),
        "condition": (colours.gain, colours.loss),
    }
    made = printed.colouring(key, known, folds)
    return replace(made, colours=own.get(key, made.colours))
