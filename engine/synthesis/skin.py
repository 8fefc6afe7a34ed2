"""How the head looks: skin, lips, mouth, scalp, beard, wrinkles, the collar; and its regions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.synthesis import assets, brows
from engine.synthesis.geometry import Floats, Ints, Mask, bell, noise, normals, ramp, sample_texture
from engine.synthesis.hair import above_hairline
from engine.synthesis.head import Head, HeadPart
from engine.synthesis.identity import Identity
from engine.synthesis.surface import Hits, Paint, Surface, SurfaceRegion

_TEETH_BEHIND = 0.15  # decimetres: a wide smile would push the teeth through the skin of the chin
_EYE = np.array([0.308, 7.284, 1.245])  # canonical centre of the left eyeball


@dataclass(frozen=True)
class _Points:
    """Where the visible points lie on the canonical head, and what they are."""

    canonical: Floats
    lips: Floats
    ears: Floats
    cavity: Mask
    part: Ints
    collar: Mask
    socket: Mask


def surface(
    head: Head, vertices: Floats, who: Identity, moved: Mapping[str, float], neckline: float
) -> Surface:
    """The posed head. ``moved`` are the expression's weights, which draw the wrinkles."""

    def paint(hits: Hits) -> Paint:
        points = _points(head, hits, neckline)
        skin = (points.part == HeadPart.SKIN) & ~points.collar & ~points.cavity
        lips = points.lips > 0.5
        specular = np.where(lips, 0.12, 0.05 + 0.05 * bell(points.canonical[:, 0], 0, 0.25))
        specular = np.where(points.part == HeadPart.TEETH, 0.25, specular)
        specular = np.where(points.cavity | points.collar, 0.0, specular)
        gloss = np.where(points.part == HeadPart.TEETH, 60.0, np.where(lips, 40.0, 14.0))
        height = wrinkles(points.canonical, points.lips, moved) * skin
        return Paint(_albedo(points, who), height, specular, gloss, _regions(points), skin)

    normal = normals(vertices, head.triangles)
    behind = np.where(head.teeth, _TEETH_BEHIND, 0.0)
    return Surface(vertices, head.triangles, normal, paint, behind=behind)


def _points(head: Head, hits: Hits, neckline: float) -> _Points:
    canonical = hits.of(head.canonical)
    uv = np.einsum("nk,nkd->nd", hits.weights, head.uv[hits.triangles])
    part = head.parts[hits.triangles]
    skin = part == HeadPart.SKIN
    x, y, z = np.abs(canonical[:, 0]), canonical[:, 1], canonical[:, 2]
    return _Points(
        canonical,
        sample_texture(assets.texture("lips"), uv) * skin,
        sample_texture(assets.texture("ears"), uv) * skin,
        (sample_texture(assets.texture("inside-mouth"), uv) > 0.5) & skin & (y < 7.0),
        part,
        skin & (y < 5.62 + neckline + 0.42 * ramp(0.35, 1.0, x)),
        skin
        & (np.hypot(x - _EYE[0], y - _EYE[1]) < 0.24)
        & (z > 1.0)
        & (z < 1.315 - 0.3 * (x - 0.3)),
    )


def _regions(points: _Points) -> Ints:
    x, y, z = np.abs(points.canonical[:, 0]), points.canonical[:, 1], points.canonical[:, 2]
    front = z > 0.9
    region = np.full(len(x), int(SurfaceRegion.SKIN))
    wing = np.interp(y, [6.80, 6.86, 6.98, 7.25, 7.42], [0.10, 0.20, 0.20, 0.10, 0.06])
    region[front & (x < wing) & (y > 6.80) & (y < 7.42)] = SurfaceRegion.NOSE
    region[front & ((x - 0.31) ** 2 / 0.18**2 + (y - 7.285) ** 2 / 0.085**2 < 1)] = (
        SurfaceRegion.EYES
    )
    mouth = (points.lips > 0.4) | points.cavity | (points.part != HeadPart.SKIN)
    region[mouth] = SurfaceRegion.MOUTH
    region[points.collar] = SurfaceRegion.CLOTHES
    return region


def _albedo(points: _Points, who: Identity) -> Floats:
    albedo = _hairy(_complexion(points, who), points.canonical, who)
    natural = who.skin * np.array([0.92, 0.60, 0.60])
    red = np.array([0.55, 0.10, 0.12]) * (1.2 - 0.12 * who.tone)
    lips = natural * (1 - 0.35 * who.lipstick) + red * 0.35 * who.lipstick
    cover = points.lips[:, None] * 0.85
    albedo = albedo * (1 - cover) + lips * cover
    albedo[points.socket] = who.skin * 0.55
    albedo[points.cavity] = (0.16, 0.035, 0.035)
    albedo[points.part == HeadPart.TONGUE] = (0.42, 0.14, 0.14)
    albedo[points.part == HeadPart.TEETH] = (0.86, 0.83, 0.75)
    weave = 1 + 0.1 * noise(points.canonical[points.collar], 40)
    albedo[points.collar] = who.shirt * weave[:, None]
    return np.asarray(albedo)


def _complexion(points: _Points, who: Identity) -> Floats:
    """Redder cheeks, nose and ears, darker lids, blotches, freckles."""
    x, y = np.abs(points.canonical[:, 0]), points.canonical[:, 1]
    front = points.canonical[:, 2] > 0.6
    cheeks = 0.55 * bell(x, 0.48, 0.22) * bell(y, 6.98, 0.22)
    nose = 0.5 * bell(x, 0, 0.16) * bell(y, 7.0, 0.12) + 0.3 * bell(y, 6.25, 0.15) * bell(
        x, 0, 0.25
    )
    red = ((cheeks + nose) * front + 0.6 * points.ears) * (0.9 - 0.09 * who.tone)
    albedo = who.skin * (1 + red[:, None] * np.array([0.06, -0.16, -0.15]))
    lids = bell(x, 0.31, 0.20) * bell(y, 7.27, 0.11) * front
    albedo *= 1 - lids[:, None] * np.array([0.11, 0.16, 0.15])
    spots = points.canonical
    blotches = 0.10 * noise(spots, 3) + 0.08 * noise(spots, 11) + 0.07 * noise(spots, 38)
    albedo *= 1 + blotches[:, None] * np.array([0.8, 1, 1])
    if who.freckles > 0:
        specks = (
            np.clip(noise(spots, 30) - 0.22, 0, 1) * 6 * bell(x, 0.3, 0.35) * bell(y, 7.05, 0.2)
        )
        cover = np.clip(specks * front * who.freckles, 0, 0.35)[:, None]
        albedo *= 1 - cover * np.array([0.5, 0.8, 1])
    return np.asarray(albedo)


def _hairy(albedo: Floats, spots: Floats, who: Identity) -> Floats:
    """Stubble, the ground of the brows, and the scalp under the hair."""
    x, y, z = np.abs(spots[:, 0]), spots[:, 1], spots[:, 2]
    if who.beard > 0:
        jaw = ramp(7.0, 6.8, y) * ramp(5.95, 6.15, y) * ramp(0.2, 0.5, z)
        jaw *= np.maximum(ramp(0.30, 0.45, x), ramp(6.62, 6.5, y))
        lip = bell(y, 6.78, 0.05) * bell(x, 0, 0.28) * (z > 0.6)
        grain = 0.55 + 0.9 * np.clip(noise(spots, 60) + 0.5, 0, 1)
        cover = np.clip(np.clip(jaw + lip, 0, 1) * grain * who.beard * 0.55, 0, 0.75)[:, None]
        albedo = albedo * (1 - cover) + (who.hair * 0.6 + who.skin * 0.12) * cover
    cover = (0.5 * who.brow_density * brows.density(spots, who.brow_thickness))[:, None]
    albedo = albedo * (1 - cover) + brows.colour(who) * cover
    scalp = ramp(-0.02, 0.10, above_hairline(spots, who.recession)) * (y > 6.6)
    cover = 0.88 * scalp[:, None]
    return np.asarray(albedo * (1 - cover) + who.hair * 0.7 * cover)


def wrinkles(spots: Floats, lips: Floats, moved: Mapping[str, float]) -> Floats:
    """Fine relief in decimetres at canonical ``spots``: pores, and what the movements fold."""
    x, y = np.abs(spots[:, 0]), spots[:, 1]
    lift = max(moved.get("browInnerUp", 0), moved.get("browOuterUpLeft", 0)) - 0.35
    frown = max(0.0, moved.get("browDownLeft", 0) - 0.1)
    sneer, cheek = moved.get("noseSneerLeft", 0), moved.get("cheekSquintLeft", 0)
    relief = 0.010 * noise(spots, 45) + 0.0036 * lips * np.sin(spots[:, 0] * 150)
    waves = np.sin((y + 0.05 * np.cos(x * 5)) * 2 * np.pi / 0.105)
    brow = bell(y, 7.80, 0.17) * bell(x, 0, 0.5)
    relief += max(0.0, lift) * 0.055 * waves * brow * (1 if frown < 0.5 else 0.4)
    relief -= brows.frown_lines(spots, frown)
    fans = np.clip(np.sin((y - 0.9 * x) * 2 * np.pi / 0.06), -1, 1)
    relief -= sneer * 0.05 * fans * bell(y, 7.28, 0.08) * bell(x, 0.06, 0.06)
    for slope in (-0.6, 0, 0.5):
        relief -= cheek * 0.08 * bell(y - 7.27 - slope * (x - 0.5), 0, 0.012) * bell(x, 0.56, 0.07)
    return np.asarray(relief)
