"""What may be asked of a synthetic study: how many, how large, and the ranges drawn from."""

from dataclasses import asdict, dataclass
from typing import Any

from engine.domain import MOST_SEED, Failure

Range = tuple[float, float]
MASKS = (
    "surgical-blue",
    "surgical-white",
    "n95-white",
    "n95-blue",
    "n95-black",
    "cloth-plain",
    "cloth-striped",
    "cloth-dotted",
    "cloth-checked",
    "cloth-floral",
)


@dataclass(frozen=True)
class Settings:
    """A range is drawn from evenly unless said; a share is a probability of each image."""

    subjects: int = 142
    seed: int = 1
    size: int = 128  # pixels
    extra: int = 13  # second pairs of hard expressions
    intensity: Range = (0.78, 1.15)  # of an expression: 0 none, 1 full
    blend: float = 0.22  # share of pairs that mix in a second expression
    yaw: float = 24  # degrees to either side, as are pitch and roll
    pitch: float = 12
    roll: float = 12
    light: Range = (0.15, 1.0)  # of the light, how much comes from one side
    masks: tuple[str, ...] = MASKS
    low: float = 0.10  # share of masked images with the mask under the nose
    glasses: float = 0.16  # share of subjects
    sunglasses: float = 0.015  # share of pairs
    tone: Range = (0, 6)  # of the skin, light to dark
    age: Range = (19, 32)  # years

    def __post_init__(self) -> None:
        unknown = [name for name in self.masks if name not in MASKS]
        if unknown or not self.masks:
            raise Failure(f"There is no mask “{', '.join(unknown)}”: choose of {', '.join(MASKS)}.")
        for name, least, most in _LIMITS:
            value = getattr(self, name)
            ends = value if isinstance(value, tuple) else (value, value)
            if not least <= ends[0] <= ends[1] <= most:
                said = ":".join(f"{end:g}" for end in dict.fromkeys(ends))
                rule = "its low end comes first and it" if ends[0] > ends[1] else "it"
                limits = f"{rule} lies in {least:,} to {most:,}"
                raise Failure(f"{name} {said} is not possible: {limits}.")
        if self.extra > self.subjects:
            raise Failure(
                f"{self.extra} extra pairs need as many subjects: there are {self.subjects}."
            )

    def document(self) -> dict[str, Any]:
        """Plain data, as JSON gives it back."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


_LIMITS = (
    ("subjects", 1, 100_000),
    ("seed", 0, MOST_SEED),
    ("size", 48, 1024),
    ("extra", 0, 100_000),
    ("intensity", 0, 1.3),
    ("blend", 0, 1),
    ("yaw", 0, 60),
    ("pitch", 0, 35),
    ("roll", 0, 45),
    ("light", 0, 1),
    ("low", 0, 1),
    ("glasses", 0, 1),
    ("sunglasses", 0, 1),
    ("tone", 0, 6),
    ("age", 12, 80),
)
