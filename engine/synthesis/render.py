"""One image: the face posed, lit and photographed, with its region map and landmarks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.synthesis import assets, brows, eyes, mask, skin
from engine.synthesis.background import background
from engine.synthesis.fabric import Fabric
from engine.synthesis.film import develop
from engine.synthesis.geometry import Floats, Ints, Mask, normals, unit
from engine.synthesis.glasses import glasses
from engine.synthesis.head import LOWER_TEETH, UPPER_TEETH
from engine.synthesis.landmarks import landmarks
from engine.synthesis.lighting import Rig, rig
from engine.synthesis.raster import fill, stroke
from engine.synthesis.scene import Shot, neck_share, turn_head
from engine.synthesis.shading import close_gaps, strand_colours
from engine.synthesis.subject import Subject
from engine.synthesis.surface import Hits, Paint, Surface, SurfaceRegion

_SAMPLES = 2  # each way in a pixel
_SUBSURFACE = 0.035  # decimetres that red light wanders in skin; green and blue less
_NEARER = 0.03  # decimetres that hairs are drawn nearer, so that skin never hides their roots
_HAIR = 0.012  # decimetres that a drawn hair is thick: it stands for a few
_WANDER = (1.0, 0.45, 0.28)


@dataclass(frozen=True)
class Wear:
    """What is on the face in one image. ``frame`` empty: no glasses; no fabric: no mask."""

    fabric: Fabric | None = None
    low: bool = False
    frame: str = ""
    dark: bool = False


@dataclass(frozen=True)
class RenderedImage:
    image: np.ndarray[Any, np.dtype[np.uint8]]  # (h, w, 3)
    regions: np.ndarray[Any, np.dtype[np.uint8]]  # (h, w)
    landmarks: dict[str, tuple[float, float]]


def render(
    of: Subject,
    units: Mapping[str, float],
    wear: Wear,
    shot: Shot,
    size: int,
    draw: np.random.Generator,
) -> RenderedImage:
    """``units`` are the weights of the expression's morphs by side. ``draw`` makes the grain."""
    return _Studio(of, units, wear, shot, size).picture(draw)


def move_vertices(of: Subject, units: Mapping[str, float]) -> Floats:
    """Coarse vertices of the face with the movements in it."""
    coarse = of.coarse.copy()
    for name, weight in units.items():
        if weight and name != "gazeDown":
            vertices, shifts = assets.expression_unit(name)
            coarse[vertices] += weight * shifts
    coarse[LOWER_TEETH] += [0, -0.055, 0.02]
    coarse[UPPER_TEETH] += [0, 0.03, 0.015]
    return coarse


class _Studio:
    """The posed surfaces and the buffers (h, w) of everything visible."""

    def __init__(
        self, of: Subject, units: Mapping[str, float], wear: Wear, shot: Shot, size: int
    ) -> None:
        self.of, self.shot, self.size = of, shot, size * _SAMPLES
        self.units = units
        coarse = move_vertices(of, units)
        face = of.head.fine(coarse)
        self.pivot = np.array([0, of.between[1] - 1.35, of.between[2] - 0.75])
        self.skin = turn_head(face, shot.pose, self.pivot, neck_share(of.head.canonical))
        self.lashes = turn_head(coarse, shot.pose, self.pivot)
        self.surfaces = self._surfaces(face, wear)
        self.hair = turn_head(of.strands.points, shot.pose, self.pivot)
        self.scale = self.size / shot.camera.view  # pixels a decimetre
        self._reach = max(0.5, _HAIR / 2 * self.scale)
        self._see()
        spread = self.hair[:: max(2, len(self.hair) // 40_000)]
        self.rig: Rig = rig(shot.light, self.surfaces, spread, shot.camera.centre)

    def picture(self, draw: np.random.Generator) -> RenderedImage:
        image = background(draw, self.size)
        seen = self.region > 0
        light = self._irradiance(seen)
        image[seen] = (self.albedo * light)[seen] + self._shine(seen, light[seen])
        region = self.region.copy()
        self._draw_lashes(image)
        self._draw_brows(image, light, region)
        self._draw_hair(image, region)
        points = landmarks(self.of.head, self._project(self.skin) / [_SAMPLES, _SAMPLES, 1])
        coarse = region[_SAMPLES // 2 :: _SAMPLES, _SAMPLES // 2 :: _SAMPLES]
        return RenderedImage(
            develop(image, self.shot, _SAMPLES, draw), coarse.astype(np.uint8), points
        )

    def _project(self, points: Floats) -> Floats:
        return self.shot.camera.project(points, self.size)

    def _surfaces(self, face: Floats, wear: Wear) -> list[Surface]:
        who, pose = self.of.who, self.shot.pose
        yaw, pitch = self.shot.gaze
        gaze = (yaw, pitch + 0.3 * self.units.get("gazeDown", 0))
        neckline = 0.05 * (who.number % 5 - 2)
        every = [skin.surface(self.of.head, self.skin, who, self.units, neckline)]
        every += [eyes.eyeball(eye, gaze, who.iris, pose, self.pivot) for eye in self.of.eyes]
        if wear.fabric:
            drop = self.units.get("jawOpen", 0)
            worn = mask.put_on(self.of.head, face, drop, wear.fabric.cut, wear.low)
            every.append(
                mask.surface(worn, turn_head(worn.vertices, pose, self.pivot), wear.fabric)
            )
        if wear.frame:
            every += glasses(self.of, face, wear.frame, wear.dark, pose, self.pivot)
        return every

    def _see(self) -> None:
        """Find what each pixel shows and how that looks."""
        shape = (self.size, self.size)
        self.depth = np.full(shape, 1e9)
        owner, bary = np.full(shape, -1), np.zeros((*shape, 2))
        self.place, self.normal = np.zeros((*shape, 3)), np.zeros((*shape, 3))
        self.normal[..., 2] = 1
        self.albedo, self.height = np.zeros((*shape, 3)), np.zeros(shape)
        self.specular, self.gloss = np.zeros(shape), np.full(shape, 20.0)
        self.region, self.is_skin = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
        first = 0
        for one in self.surfaces:
            seen = self._project(one.vertices)
            seen[:, 2] += one.behind
            fill(seen, one.triangles, self.depth, owner, bary, first)
            first += len(one.triangles)
        first = 0
        for one in self.surfaces:
            mine = (owner >= first) & (owner < first + len(one.triangles))
            if mine.any():
                self._keep(one, mine, owner[mine] - first, bary[mine])
            first += len(one.triangles)
        self._emboss()

    def _keep(self, one: Surface, mine: Mask, triangles: Ints, bary: Floats) -> None:
        weights = np.stack([1 - bary.sum(1), bary[:, 0], bary[:, 1]], 1)
        hits = Hits(triangles, one.triangles[triangles], weights)
        paint: Paint = one.paint(hits)
        self.place[mine], self.normal[mine] = hits.of(one.vertices), unit(hits.of(one.normals))
        self.albedo[mine], self.height[mine] = paint.albedo, paint.height
        self.specular[mine], self.gloss[mine] = paint.specular, paint.gloss
        self.region[mine], self.is_skin[mine] = paint.region, paint.skin

    def _emboss(self) -> None:
        """Tilt the normals by the fine relief."""
        from scipy.ndimage import gaussian_filter

        down, across = np.gradient(gaussian_filter(self.height, 0.6))
        inside = gaussian_filter((self.region > 0).astype(float), 1) > 0.99
        tilt = 0.0264 * self.scale
        self.normal[..., 0] -= np.clip(across * tilt, -0.5, 0.5) * inside
        self.normal[..., 1] += np.clip(down * tilt, -0.5, 0.5) * inside
        self.normal = unit(self.normal)

    def _irradiance(self, seen: Mask) -> Floats:
        """Light that falls on each pixel, spread below the skin."""
        from scipy.ndimage import gaussian_filter

        light = np.zeros_like(self.place)
        normal = self.normal[seen]
        light[seen] = self.rig.falling_on(self.place[seen] + 0.02 * normal, normal)
        flesh = self.is_skin.astype(float)
        for channel, share in enumerate(_WANDER):
            reach = _SUBSURFACE * self.scale * share
            spread = gaussian_filter(light[..., channel] * flesh, reach)
            spread /= np.maximum(gaussian_filter(flesh, reach), 1e-4)
            mixed = 0.25 * light[..., channel] + 0.75 * spread
            light[..., channel] = np.where(self.is_skin, mixed, light[..., channel])
        return light

    def _shine(self, seen: Mask, light: Floats) -> Floats:
        """Blinn-Phong highlights of the key light."""
        normal, gloss = self.normal[seen], self.gloss[seen]
        view = unit(self.shot.camera.place - self.place[seen])
        edge = 0.5 + 0.5 * (1 - np.clip((view * normal).sum(1), 0, 1)) ** 3
        strength = self.specular[seen] * edge * np.minimum(light.mean(1), 1.2)
        strength *= np.where(gloss > 100, 6.0, 3.0)
        total = np.zeros_like(light)
        for toward, colour in zip(
            self.rig.directions[self.rig.key], self.rig.colours[self.rig.key], strict=True
        ):
            cosine = np.clip((normal * unit(view + toward)).sum(1), 0, 1)
            total += (strength * cosine**gloss)[:, None] * colour
        return total

    def _draw_lashes(self, image: Floats) -> None:
        from scipy.ndimage import gaussian_filter

        shape = (self.size, self.size)
        owner = np.full(shape, -1)
        points, depth = self._project(self.lashes), self.depth.copy()
        fill(points, self.of.head.lashes, depth, owner, np.zeros((*shape, 2)), 0)
        cover = gaussian_filter((owner >= 0).astype(float), 0.6)[..., None]
        cover *= 0.5 if self.of.who.male else 0.75
        image *= 1 - cover
        image += 0.01 * cover

    def _draw_brows(self, image: Floats, light: Floats, region: Ints) -> None:
        hairs = self.of.brows
        normal = unit(hairs.roots.on(normals(self.skin, self.of.head.triangles)))
        root = hairs.roots.on(self.skin)
        along = hairs.directions @ self.shot.pose.T
        along = along - (along * normal).sum(1, keepdims=True) * normal + 0.12 * normal
        step = np.linspace(0, 1, 5)
        points = (root + 0.012 * normal)[:, None] + (along * hairs.lengths[:, None])[
            :, None
        ] * step[:, None]
        x, y = np.clip(self._project(root)[:, :2].astype(np.int64), 0, self.size - 1).T
        lit = brows.colour(self.of.who) * hairs.tints[:, None] * (0.35 + 0.65 * light[y, x])
        colours = np.repeat(np.clip(lit, 0, 1), len(step), axis=0)
        alpha = np.tile(0.42 * (1 - 0.7 * step**2), len(root))
        cover = self._hairs(points.reshape(-1, 3), len(step), colours, alpha, image)
        region[(cover > 0.45) & (region > 0) & (region < SurfaceRegion.MASK)] = SurfaceRegion.BROWS

    def _draw_hair(self, image: Floats, region: Ints) -> None:
        strands, before = self.of.strands, image.copy()
        colours = strand_colours(strands, self.hair, self.of.who.hair, self.shot, self.rig)
        alpha = np.where(strands.tips > 0.8, 0.6, 1.0)
        cover = self._hairs(self.hair, strands.steps, colours, alpha, image)
        behind = self.region == SurfaceRegion.BACKGROUND
        region[close_gaps(image, before, cover, behind, self._reach) > 0.5] = SurfaceRegion.HAIR

    def _hairs(
        self, points: Floats, steps: int, colours: Floats, alpha: Floats, image: Floats
    ) -> Floats:
        """Draw hairs, a little nearer than the skin; how much they hide of each pixel, (h, w)."""
        projected, cover = self._project(points), np.zeros_like(self.depth)
        projected[:, 2] -= _NEARER
        stroke(projected, steps, self._reach, colours, alpha, (self.depth, image, cover))
        return cover
