"""Find a face and 468 points on it with a detector that knows nothing of the renderer.

Two networks of MediaPipe (Apache-2.0) run in OpenCV: one finds the face in a 128 px square, the
other places points in a 192 px square that is turned until the eyes are level. Their files are in
the wheel that ``pip download --no-deps mediapipe==0.10.21`` brings; a wheel is a zip file.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure

FINDER, PLACER = "face_detection_short_range.tflite", "face_landmark.tflite"
FINDER_SIDE, PLACER_SIDE = 128, 192  # px
ANCHORS = ((8, 2), (16, 6))  # px from one place of anchors to the next, and anchors at a place
POINTS = 468
ROOM = 1.5  # side of the placer's square, in sides of the face's box
BORDER = 0.25  # of the side, added all around: the finder expects space
ENLARGED = 512  # px of the side before it is turned, so that turning blurs less

Points = NDArray[np.float64]  # (n, 2): x and y


class FaceMesh:
    """Both networks, loaded. Raises ``Failure`` if OpenCV or a file is missing."""

    def __init__(self, models: Path) -> None:
        self._cv = _opencv()
        self._finder = self._network(models / FINDER)
        self._placer = self._network(models / PLACER)
        self._anchors = anchors()

    def points(self, image: NDArray[np.uint8]) -> tuple[float, Points]:
        """How likely there is a face, 0–1, and its points in pixels of a square RGB image.

        Pixel centres are at .5.
        """
        scale = ENLARGED / image.shape[0]
        border = round(BORDER * ENLARGED)
        large = self._cv.resize(image, None, fx=scale, fy=scale, interpolation=self._cv.INTER_CUBIC)
        edge = self._cv.BORDER_REPLICATE
        canvas = self._cv.copyMakeBorder(large, border, border, border, border, edge)
        likely, mesh = self._placed(canvas, self._turn(*self._found(canvas)))
        return likely, (mesh - border) / scale

    def _found(self, canvas: NDArray[np.uint8]) -> tuple[Points, float, float]:
        """Centre and side of the likeliest face's box, and the tilt of its eyes in degrees."""
        small = self._cv.resize(
            canvas, (FINDER_SIDE, FINDER_SIDE), interpolation=self._cv.INTER_AREA
        )
        outputs = _run(self._finder, small.astype(np.float32) / 127.5 - 1)
        of_anchors = [output.reshape(len(self._anchors), -1) for output in outputs]
        scores, boxes = sorted(of_anchors, key=lambda output: output.shape[1])
        best = int(scores.argmax())
        box = boxes[best].reshape(-1, 2) / FINDER_SIDE  # centre, size, right eye, left eye, …
        centre = (box[0] + self._anchors[best]) * canvas.shape[0]
        across, down = box[3] - box[2]
        tilt = float(np.degrees(np.arctan2(down, across)))
        return centre, float(box[1].max()) * canvas.shape[0], tilt

    def _turn(self, centre: Points, side: float, tilt: float) -> Points:
        """The affine map from the canvas to the placer's square, (2, 3)."""
        middle = (float(centre[0]), float(centre[1]))
        turn = self._cv.getRotationMatrix2D(middle, tilt, PLACER_SIDE / (ROOM * side))
        turn[:, 2] += PLACER_SIDE / 2 - centre
        return np.asarray(turn, dtype=np.float64)

    def _placed(self, canvas: NDArray[np.uint8], turn: Points) -> tuple[float, Points]:
        crop = self._cv.warpAffine(canvas, turn, (PLACER_SIDE, PLACER_SIDE))
        outputs = _run(self._placer, crop.astype(np.float32) / 255)
        score, mesh = sorted(outputs, key=lambda output: output.size)
        back = self._cv.invertAffineTransform(turn)
        half = 0.5  # OpenCV's maps have pixel centres at whole numbers
        points = (mesh.reshape(POINTS, 3)[:, :2] - half) @ back[:, :2].T + back[:, 2] + half
        return float(1 / (1 + np.exp(-score.item()))), points

    def _network(self, file: Path) -> Any:
        if not file.is_file():
            raise Failure(f"{file} is missing: unpack it from the wheel of mediapipe 0.10.21.")
        if int(self._cv.__version__.split(".")[0]) < 5:
            return self._cv.dnn.readNetFromTFLite(str(file))
        # The engine that is new in OpenCV 5 drops one of the two outputs.
        return self._cv.dnn.readNetFromTFLite(str(file), engine=self._cv.dnn.ENGINE_CLASSIC)


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


def _opencv() -> Any:
    try:
        import cv2  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Failure(
            "Finding landmarks needs OpenCV: pip install opencv-python-headless."
        ) from error
    return cv2
