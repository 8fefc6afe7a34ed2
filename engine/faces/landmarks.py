"""Find a face and 468 landmarks on it with two networks of MediaPipe that OpenCV runs.

The first finds the face in a 128 px square; the second places the points in a 192 px square that is
turned until the eyes are level (Kartynnik et al. 2019, "Real-time Facial Surface Geometry from
Monocular Video on Mobile GPUs"). The files are in ``resources/landmarks``.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure
from engine.faces.regions import Points
from engine.system.resources import find_shipped

FINDER, PLACER = "face_detection_short_range.tflite", "face_landmark.tflite"
FINDER_SIDE, PLACER_SIDE = 128, 192  # px
ANCHORS = ((8, 2), (16, 6))  # px from one place of anchors to the next, and anchors at a place
POINTS = 468
LIKELY = 0.5  # a network that is less sure has found nothing
ROOM = 1.5  # side of the placer's square, in sides of the face's box
BORDER = 0.25  # of the side, added all around: the finder expects space
SIDE = 512  # px of the square that is searched: small images are enlarged, so that turns blur less


@dataclass(frozen=True)
class Landmarks:
    """What was found in an image: nothing, (0, 2), or points in its pixels."""

    eyes: Points  # (2, 2), the one to the left first, or (0, 2)
    mesh: Points  # (468, 2) or (0, 2)


NOTHING = np.zeros((0, 2))


class FaceMesh:
    """Both networks, loaded. Raises ``Failure`` if OpenCV or a file is missing."""

    def __init__(self, models: Path | None = None) -> None:
        folder = models or find_shipped("landmarks")
        self._cv = _opencv()
        self._finder = self._network(folder / FINDER)
        self._placer = self._network(folder / PLACER)

    def find(self, image: NDArray[np.uint8]) -> Landmarks:
        """The likeliest face of an RGB image, (height, width, 3)."""
        canvas, scale, shift = self._canvas(image)
        score, box = self._box(canvas)
        if score < LIKELY:
            return Landmarks(NOTHING, NOTHING)
        sure, mesh = self._mesh(canvas, self._turn(box))
        on_image = (mesh - shift) / scale if sure >= LIKELY else NOTHING
        return Landmarks((box[2:] - shift) / scale, on_image)

    def _canvas(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float, Points]:
        """A square with space around the image, the image's scale in it, and its corner."""
        scale = SIDE / max(image.shape[:2])
        method = self._cv.INTER_CUBIC if scale > 1 else self._cv.INTER_AREA
        sized = self._cv.resize(image, None, fx=scale, fy=scale, interpolation=method)
        height, width = sized.shape[:2]
        side = round((1 + 2 * BORDER) * SIDE)
        left, top = (side - width) // 2, (side - height) // 2
        edges = (top, side - height - top, left, side - width - left)
        canvas = self._cv.copyMakeBorder(sized, *edges, self._cv.BORDER_REPLICATE)
        return canvas, scale, np.array([left, top], dtype=np.float64)

    def _box(self, canvas: NDArray[np.uint8]) -> tuple[float, Points]:
        """How sure the finder is; the box's centre and size and both eyes, (4, 2)."""
        size = (FINDER_SIDE, FINDER_SIDE)
        small = self._cv.resize(canvas, size, interpolation=self._cv.INTER_AREA)
        outputs = _run(self._finder, small.astype(np.float32) / 127.5 - 1)
        places = anchors()
        of_anchors = [output.reshape(len(places), -1) for output in outputs]
        scores, boxes = sorted(of_anchors, key=lambda output: output.shape[1])
        best = int(scores.argmax())
        box = boxes[best].reshape(-1, 2)[:4].astype(np.float64) / FINDER_SIDE
        box[[0, 2, 3]] += places[best]  # the size is relative to nothing
        return _share(float(scores.flat[best])), box * canvas.shape[0]

    def _turn(self, box: Points) -> Points:
        """The affine map from the canvas to the placer's square, (2, 3)."""
        centre, size, right, left = box
        across, down = left - right
        tilt = float(np.degrees(np.arctan2(down, across)))
        scale = PLACER_SIDE / (ROOM * float(size.max()))
        turn = self._cv.getRotationMatrix2D((float(centre[0]), float(centre[1])), tilt, scale)
        turn[:, 2] += PLACER_SIDE / 2 - centre
        return np.asarray(turn, dtype=np.float64)

    def _mesh(self, canvas: NDArray[np.uint8], turn: Points) -> tuple[float, Points]:
        crop = self._cv.warpAffine(canvas, turn, (PLACER_SIDE, PLACER_SIDE))
        outputs = _run(self._placer, crop.astype(np.float32) / 255)
        score, mesh = sorted(outputs, key=lambda output: output.size)
        back = self._cv.invertAffineTransform(turn)
        half = 0.5  # OpenCV's maps have pixel centres at whole numbers
        points = (mesh.reshape(POINTS, 3)[:, :2] - half) @ back[:, :2].T + back[:, 2] + half
        return _share(score.item()), points

    def _network(self, file: Path) -> Any:
        if not file.is_file():
            raise Failure(f"{file} is missing: install the program again.")
        if int(self._cv.__version__.split(".")[0]) < 5:
            return self._cv.dnn.readNetFromTFLite(str(file))
        # The engine that is new in OpenCV 5 drops one of the two outputs.
        return self._cv.dnn.readNetFromTFLite(str(file), engine=self._cv.dnn.ENGINE_CLASSIC)


@cache
def anchors() -> Points:
    """The places that the finder's outputs are relative to, as shares of the side, (896, 2)."""
    grids = []
    for stride, at_a_place in ANCHORS:
        steps = (np.arange(FINDER_SIDE // stride) + 0.5) * stride / FINDER_SIDE
        down, across = np.meshgrid(steps, steps, indexing="ij")
        places = np.stack([across.ravel(), down.ravel()], axis=1)
        grids.append(np.repeat(places, at_a_place, axis=0))
    return np.concatenate(grids)


def _run(network: Any, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Outputs for an image of (height, width, 3)."""
    network.setInput(np.ascontiguousarray(image.transpose(2, 0, 1)[None]))
    return [np.asarray(out) for out in network.forward(network.getUnconnectedOutLayersNames())]


def _share(logit: float) -> float:
    """The logistic function, without overflow."""
    return float(0.5 * (1 + np.tanh(logit / 2)))


def _opencv() -> Any:
    try:
        import cv2  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Failure(
            "Finding landmarks needs OpenCV: pip install opencv-python-headless."
        ) from error
    return cv2
