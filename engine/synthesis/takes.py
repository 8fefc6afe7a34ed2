"""Which images a synthetic study has: every subject, expression and condition, and more."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.domain import Condition, Expression
from engine.synthesis.fabric import fabric
from engine.synthesis.identity import FRAMES, Identity, stream
from engine.synthesis.render import Wear
from engine.synthesis.settings import Settings

HARD = (Expression.FEAR, Expression.DISGUST, Expression.SAD, Expression.ANGER)


@dataclass(frozen=True)
class Take:
    """One acting of an expression, photographed without and with a mask."""

    number: int  # of the subject
    expression: Expression
    take: int = 0  # 1 in the extra set

    @property
    def pair(self) -> str:
        second = f"_{self.take + 1}" if self.take else ""
        return f"S{self.number:03d}_{self.expression.title}{second}"


@dataclass(frozen=True)
class Outfit:
    """What is worn in the images of a take, by name."""

    mask: str
    low: bool
    glasses: str  # the frame; empty: none
    dark: bool

    def wear(self, settings: Settings, who: Identity, condition: Condition) -> Wear:
        if condition is Condition.NON_MASKED:
            return Wear(None, False, self.glasses, self.dark)
        dyes = stream(settings.seed, who.number, 8, who.masks.index(self.mask))
        return Wear(fabric(self.mask, dyes), self.low, self.glasses, self.dark)


def takes_of(settings: Settings, number: int) -> Iterator[Take]:
    """The seven expressions of a subject, and a second pair if it is in the extra set."""
    for expression in Expression:
        yield Take(number, expression)
    chosen = stream(settings.seed, 0).permutation(settings.subjects)[: settings.extra] + 1
    for place, subject in enumerate(chosen):
        if subject == number:
            yield Take(number, HARD[place % len(HARD)], 1)


def outfit(settings: Settings, who: Identity, take: Take) -> Outfit:
    """Drawn without regard to the expression."""
    draw = stream(settings.seed, who.number, 7, take.expression, take.take)
    mask = str(draw.choice(who.masks))
    low, dark = draw.random() < settings.low, draw.random() < settings.sunglasses
    frame = FRAMES[who.number % len(FRAMES)] if dark and not who.frame else who.frame
    return Outfit(mask, bool(low), frame, bool(dark))
