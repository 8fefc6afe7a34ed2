"""What is in the pictures that are made."""

import numpy as np
import pytest

from engine.domain import Expression
from engine.synthesis.expression import manner, perform, weights
from engine.synthesis.head import Head
from engine.synthesis.identity import identity, stream
from engine.synthesis.render import RenderedImage, Wear, render
from engine.synthesis.scene import shoot
from engine.synthesis.settings import Settings
from engine.synthesis.subject import subject
from engine.synthesis.surface import SurfaceRegion

SETTINGS = Settings(yaw=0, pitch=0, roll=0, blend=0, intensity=(1, 1))
HEAD = Head()


def picture(number: int, expression: Expression, size: int) -> RenderedImage:
    of = subject(SETTINGS, HEAD, identity(SETTINGS, number))
    act = perform(SETTINGS, number, expression, 0)
    units = weights(manner(SETTINGS, number), act, stream(number))
    shot = shoot(stream(number), SETTINGS, of.between)
    return render(of, units, Wear(), shot, size, stream(number))


@pytest.mark.parametrize("number", [108, 124])
def test_that_no_teeth_show_through_the_chin_of_who_smiles(number):
    from scipy.ndimage import label

    _, pieces = label(
        picture(number, Expression.HAPPY, 96).regions == SurfaceRegion.MOUTH, np.ones((3, 3))
    )
    assert pieces == 1


@pytest.mark.parametrize("number", [124, 134])
def test_that_hair_covers_as_much_in_large_pictures(number):
    small, large = (picture(number, Expression.NEUTRAL, size) for size in (96, 288))
    shares = [np.mean(one.regions == SurfaceRegion.HAIR) for one in (small, large)]
    assert shares[0] > 0.02
    assert shares[1] == pytest.approx(shares[0], rel=0.15)
