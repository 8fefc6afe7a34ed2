"""Where the study's cache keeps what can be made again: no other module spells these names.

A number in a folder's name counts changes of what lies in it or of how it is made.
"""

from pathlib import Path

ATTENTION = "attention-2"
LANDMARKS = "regions-1"


def pixels_file(cache: Path, fingerprint: str, size: int) -> Path:
    """Every image of a dataset at ``size`` px."""
    return cache / f"pixels-{fingerprint[:20]}-{size}.npy"


def look_alikes_file(cache: Path, fingerprint: str) -> Path:
    """Which images of a dataset look the same."""
    return cache / f"look-alikes-{fingerprint[:32]}.npz"


def attention_file(cache: Path, digest: str, kind: str) -> Path:
    """What was measured of a run's heatmaps."""
    return cache / ATTENTION / f"{digest[:32]}-{kind}.npz"


def landmarks_file(cache: Path, sha256: str) -> Path:
    """The landmarks of one image."""
    return cache / LANDMARKS / sha256[:2] / f"{sha256}.bin"
