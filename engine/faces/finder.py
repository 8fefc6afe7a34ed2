"""The regions of any sample's face: exact where a map ships, else from cached landmarks."""

import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.images import decode_sample
from engine.domain import Condition, Sample
from engine.faces.exact import exact
from engine.faces.frame import similarity, transform_points
from engine.faces.landmarks import POINTS, FaceMesh, Landmarks
from engine.faces.outlines import draw_regions
from engine.faces.regions import FaceRegions, Points, Regions, Unplaced
from engine.store.cache_files import landmarks_file
from engine.store.files import make_folder, read_bytes, write_bytes

LARGEST = 512  # px of the longer side: larger images are reduced before anything is placed
_ROWS = (1, 3, 3 + POINTS)  # of a file: a size, then the eyes, then landmarks
_FAR = 8 * LARGEST  # px that no landmark is from the picture's corner


class FaceFinder:
    """Finds faces one by one. Networks are loaded when the first face without a map is asked for.

    ``samples`` are where partners of masked faces are looked up; landmarks are kept in ``cache``.
    """

    def __init__(self, samples: Iterable[Sample] = (), cache: Path | None = None) -> None:
        free = (s for s in samples if s.pair and s.condition is Condition.NON_MASKED)
        self._partners = {sample.pair: sample for sample in free}
        self._cache = cache
        self._networks: FaceMesh | None = None

    def face(self, sample: Sample) -> FaceRegions:
        """Raises ``Unplaced`` if no face is found, ``Unreadable``, ``Failure`` without networks."""
        known = exact(sample)
        if known:
            return known
        size, found = self._found(sample)
        mesh = found.mesh if len(found.mesh) else self._lent(sample, found.eyes)
        return draw_regions(mesh, size[1], size[0], sample.condition is Condition.MASKED)

    def _lent(self, sample: Sample, eyes: Points) -> Points:
        """The landmarks of the partner without a mask, its eyes brought onto these."""
        if not len(eyes):
            raise Unplaced(f"No face was found on {sample.file}.")
        partner = self._partners.get(sample.pair) if sample.condition is Condition.MASKED else None
        if partner is None:
            raise Unplaced(f"No landmarks were found on the face in {sample.file}.")
        lent = self._found(partner)[1]
        if not len(lent.mesh):
            raise Unplaced(
                f"No landmarks were found on the face in {sample.file}, nor on its partner "
                f"{partner.file.name}."
            )
        return transform_points(lent.mesh, similarity(lent.eyes, eyes))

    def _found(self, sample: Sample) -> tuple[tuple[int, int], Landmarks]:
        """Width and height of the picture, and what was found in it, now or before."""
        file = self._file(sample)
        kept = _load(file) if file else None
        if kept is None:
            image = picture(sample)
            self._networks = self._networks or FaceMesh()
            kept = (image.shape[1], image.shape[0]), self._networks.find(image)
            if file:
                _write(file, *kept)
        return kept

    def _file(self, sample: Sample) -> Path | None:
        if not self._cache or not sample.sha256:
            return None
        return landmarks_file(self._cache, sample.sha256)


def regions(sample: Sample) -> Regions:
    """The regions of one image, (height, width); ``FaceFinder`` is for many and for partners."""
    return FaceFinder().face(sample).regions


def picture(sample: Sample) -> NDArray[np.uint8]:
    """The image in whose pixels faces are told, RGB, (height, width, 3). Raises ``Unreadable``."""
    image = decode_sample(sample, LARGEST)
    scale = min(1.0, LARGEST / max(image.size))
    width, height = (max(1, round(length * scale)) for length in image.size)
    return np.array(image.resize((width, height)) if scale < 1 else image, dtype=np.uint8)


def _write(file: Path, size: tuple[int, int], found: Landmarks) -> None:
    rows = np.concatenate([[size], found.eyes, found.mesh]).astype("<f4")
    content = rows.tobytes()
    with suppress(OSError):  # on a medium that can only be read they are found each time
        make_folder(file.parent, parents=True)
        write_bytes(file, zlib.crc32(content).to_bytes(4, "little") + content)


def _load(file: Path) -> tuple[tuple[int, int], Landmarks] | None:
    """Nothing if it is not there or damaged: it is made anew."""
    try:
        content = read_bytes(file, most=4 + 8 * max(_ROWS))
    except OSError:
        return None
    if len(content) % 8 != 4 or zlib.crc32(content[4:]).to_bytes(4, "little") != content[:4]:
        return None
    rows = np.frombuffer(content[4:], "<f4").reshape(-1, 2).astype(np.float64)
    if not _possible(rows):
        return None
    eyes = 2 if len(rows) > 1 else 0
    return (int(rows[0, 0]), int(rows[0, 1])), Landmarks(rows[1 : 1 + eyes], rows[1 + eyes :])


def _possible(rows: Points) -> bool:
    """Whether they are a picture's size, two eyes apart and landmarks near the picture."""
    if len(rows) not in _ROWS or not (np.abs(rows) <= _FAR).all():
        return False
    size, eyes = rows[0], rows[1:3]
    whole = (size >= 1).all() and (size <= LARGEST).all() and (size % 1 == 0).all()
    return bool(whole) and (len(rows) == 1 or bool(np.hypot(*(eyes[1] - eyes[0])) > 0))
