"""Who is drawn, and what their faces do."""

import numpy as np
import pytest

from engine.domain import Condition, Expression, Failure
from engine.synthesis.expression import MOVEMENTS, manner, perform, weights
from engine.synthesis.identity import identity, stream
from engine.synthesis.settings import MASKS, Settings
from engine.synthesis.takes import outfit, takes_of

PEOPLE = range(1, 41)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"masks": ("paper",)}, "paper"),
        ({"masks": ()}, "mask"),
        ({"intensity": (0.9, 0.2)}, "intensity 0.9:0.2"),
        ({"tone": (0, 9)}, "tone 0:9"),
        ({"size": 8}, "size 8"),
        ({"yaw": -3}, "yaw -3"),
        ({"subjects": 3}, "13 extra"),
    ],
)
def test_that_an_impossible_setting_is_named(chosen, said):
    with pytest.raises(Failure, match=said):
        Settings(**chosen)


def test_that_a_seed_makes_a_person_and_another_seed_another():
    one, again, other = (identity(Settings(seed=seed), 5) for seed in (1, 1, 2))
    assert one.shape == again.shape
    assert np.array_equal(one.skin, again.skin)
    assert one.shape != other.shape


def test_that_people_keep_to_the_ranges():
    settings = Settings(tone=(4, 5), age=(20, 22), glasses=1, masks=("n95-black",))
    for who in (identity(settings, number) for number in PEOPLE):
        assert 4 <= who.tone <= 5
        assert 20 <= who.years <= 22
        assert who.frame
        assert who.masks == ("n95-black",)


def test_that_people_differ():
    who = [identity(Settings(), number) for number in PEOPLE]
    assert len({one.haircut for one in who}) >= 6
    assert {one.male for one in who} == {True, False}
    assert {mask for one in who for mask in one.masks} >= {"surgical-blue", "surgical-white"}
    assert np.ptp([one.tone for one in who]) > 3
    assert any(one.frame for one in who)


@pytest.mark.parametrize("expression", list(Expression))
def test_that_each_expression_moves_what_it_is_known_by(expression):
    known = {
        Expression.SURPRISE: "browOuterUp",
        Expression.FEAR: "mouthStretch",
        Expression.DISGUST: "noseSneer",
        Expression.HAPPY: "mouthSmile",
        Expression.SAD: "mouthFrown",
        Expression.ANGER: "browDown",
    }
    settings = Settings(blend=0, intensity=(0.9, 1.0))
    mean = dict.fromkeys(MOVEMENTS, 0.0)
    for number in PEOPLE:
        for unit, value in perform(settings, number, expression, 0).units.items():
            mean[unit] += value / len(PEOPLE)
    if expression is Expression.NEUTRAL:
        assert not any(mean.values())
    else:
        assert mean[known[expression]] > 0.5


def test_that_strength_and_blends_follow_the_settings():
    settings = Settings(intensity=(0.4, 0.6), blend=0)
    acts = [perform(settings, number, Expression.FEAR, 0) for number in PEOPLE]
    assert all(0.4 <= act.strength <= 0.6 and act.second is None for act in acts)
    mixed = [perform(Settings(blend=1), number, Expression.FEAR, 0) for number in PEOPLE]
    assert all(act.second not in (None, Expression.FEAR) for act in mixed)
    assert all(0.25 <= act.share <= 0.45 for act in mixed)


def test_that_people_have_an_own_manner_and_takes_differ():
    smiles = [perform(Settings(blend=0), n, Expression.HAPPY, 0).units for n in PEOPLE]
    assert np.std([smile["mouthSmile"] for smile in smiles]) > 0.1
    first, second = (perform(Settings(blend=0), 1, Expression.SAD, take) for take in (0, 1))
    assert first.units.keys() == second.units.keys()
    assert first.strength != second.strength


def test_that_faces_never_do_the_impossible():
    settings = Settings(intensity=(1.2, 1.3))
    for number in PEOPLE:
        for expression in Expression:
            act = perform(settings, number, expression, 0)
            for masked, most in ((False, 3), (True, 3.4)):
                units = weights(manner(settings, number), act, stream(number), masked=masked)
                assert units.get("eyeBlinkLeft") == units.get("eyeBlinkRight")
                assert all(abs(value) < most for value in units.values())
                assert units.get("jawOpen", 0) <= 0.75


def test_that_a_mask_holds_mouth_and_jaw_and_brows_say_more():
    own, act = manner(Settings(), 1), perform(Settings(blend=0), 1, Expression.SURPRISE, 0)
    bare, masked = (weights(own, act, stream(1), masked=masked) for masked in (False, True))
    assert bare.keys() == masked.keys()
    assert 0 < masked["jawOpen"] < bare["jawOpen"]
    assert masked["mouthFunnel"] < bare["mouthFunnel"]
    assert masked["browInnerUp"] > bare["browInnerUp"] > 0


def test_the_counts_of_the_whole_study():
    settings = Settings()
    takes = [take for number in range(1, 143) for take in takes_of(settings, number)]
    assert len(takes) == 1007
    assert len({take.pair for take in takes}) == 1007
    extra = [take for take in takes if take.take]
    assert len({take.number for take in extra}) == len(extra) == 13


def test_that_masks_and_glasses_are_worn_as_asked():
    settings = Settings(low=1, sunglasses=1, subjects=40)
    for number in PEOPLE:
        who = identity(settings, number)
        for take in takes_of(settings, number):
            worn = outfit(settings, who, take)
            assert worn.low
            assert worn.dark
            assert worn.glasses
            assert worn.wear(settings, who, Condition.NON_MASKED).fabric is None
            assert worn.wear(settings, who, Condition.MASKED).fabric is not None


@pytest.mark.parametrize("name", MASKS)
def test_that_every_mask_has_a_fabric(name):
    from engine.synthesis.fabric import fabric

    cloth = fabric(name, stream(3))
    across, down = np.meshgrid(np.linspace(-1, 1, 40), np.linspace(-1, 1, 40))
    albedo = cloth.albedo(across.ravel(), down.ravel())
    assert albedo.shape == (1600, 3)
    assert albedo.min() >= 0
    assert albedo.max() <= 1.05
    printed = name.startswith("cloth") and name != "cloth-plain"
    assert (albedo.std() > 0.1) == printed or not printed
