"""Which versions of this program and its libraries are installed."""

from importlib.metadata import PackageNotFoundError, version


def find_version(package: str) -> str:
    """The version; “not installed” for this program itself where it runs from a clone."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
