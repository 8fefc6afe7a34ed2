"""One shot: how the head is held, where the camera and the light stand, how the film is exposed."""

from dataclasses import dataclass

import numpy as np

from engine.synthesis.geometry import Floats, ramp, rotation
from engine.synthesis.lighting import Light, draw_light
from engine.synthesis.settings import Settings

_VIEW = 2.42  # decimetres that the picture is wide at the face


@dataclass(frozen=True)
class Camera:
    centre: Floats  # the point in the middle of the picture
    turn: Floats  # (3, 3)
    distance: float
    view: float  # decimetres across

    def project(self, points: Floats, size: int) -> Floats:
        """Pixels right and down from the upper left corner, and the distance, (n, 3)."""
        seen = (points - self.centre) @ self.turn.T
        depth = self.distance - seen[:, 2]
        zoom = self.distance / depth * size / self.view
        return np.stack([size / 2 + seen[:, 0] * zoom, size / 2 - seen[:, 1] * zoom, depth], 1)

    @property
    def place(self) -> Floats:
        return np.asarray(self.centre + np.array([0, 0, self.distance]) @ self.turn)


@dataclass(frozen=True)
class Shot:
    """All that differs between two images of one face doing one thing."""

    yaw: float  # radians, as pitch and roll
    pitch: float
    roll: float
    gaze: tuple[float, float]
    camera: Camera
    light: Light
    exposure: float
    contrast: float
    blur: float  # of the lens, in 128ths of the picture
    grain: float

    @property
    def pose(self) -> Floats:
        return rotation(self.yaw, self.pitch, self.roll)


def shoot(draw: np.random.Generator, settings: Settings, between: Floats) -> Shot:
    """A shot at random; ``between`` is the point between the eyes. Knows no expression, no mask."""
    limits = np.radians([settings.yaw, settings.pitch, settings.roll])
    yaw, pitch, roll = np.clip(draw.normal(0, 0.5, 3), -1, 1) * limits
    aim = between + np.array([draw.normal(0, 0.08), -0.24 + draw.normal(0, 0.08), -0.4])
    return Shot(
        yaw=float(yaw),
        pitch=float(pitch),
        roll=float(roll),
        gaze=(float(draw.normal(0, 0.10) - 0.5 * yaw), float(draw.normal(0, 0.05) - 0.4 * pitch)),
        camera=Camera(
            aim,
            rotation(draw.normal(0, 0.05), draw.normal(0, 0.04), 0),
            draw.uniform(7, 14),
            _VIEW * float(np.clip(draw.normal(1, 0.09), 0.88, 1.22)),
        ),
        light=draw_light(draw, *settings.light),
        exposure=float(np.exp(draw.normal(0, 0.18))),
        contrast=draw.uniform(0.9, 1.12),
        blur=abs(draw.normal(0, 0.28)),
        grain=draw.uniform(0.003, 0.014),
    )


def turn_head(points: Floats, pose: Floats, pivot: Floats, share: Floats | float = 1.0) -> Floats:
    """``points`` turned by ``pose`` about ``pivot``; ``share`` (n,) fades it out along the neck."""
    offset = points - pivot
    part = share if isinstance(share, float) else share[:, None]
    return np.asarray(offset @ pose.T * part + offset * (1 - part) + pivot)


def neck_share(canonical: Floats) -> Floats:
    """How much of the head's turn each vertex of the head takes part in."""
    return ramp(5.55, 6.35, canonical[:, 1])
