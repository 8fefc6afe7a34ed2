"""Where the files lie that come with the program: beside it in a checkout, within it installed."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def find_shipped(name: str) -> Path:
    """The folder ``resources/name`` of this checkout or installation, which may lack it."""
    places = (PACKAGE.parent / "resources" / name, PACKAGE / "resources" / name)
    return next((place for place in places if place.is_dir()), places[1])
