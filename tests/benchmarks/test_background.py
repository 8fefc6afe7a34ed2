import argparse

import numpy as np
import pytest

from benchmarks.sample import background
from benchmarks.sample.labelled import read
from benchmarks.sample.linear import readable
from engine.domain import Condition, Dataset, Expression, Sample
from tests.benchmarks.making import study

OPTIONS = {"folds": 3, "permutations": 199}


def dataset(subjects):
    """Each subject shows each expression in both conditions."""
    samples = [
        Sample(i, None, f"S{i // 14:03}", Expression(i // 2 % 7), Condition(i % 2))
        for i in range(14 * subjects)
    ]
    return Dataset("made", tuple(samples))


def measured(folder):
    return background.measure(argparse.Namespace(folder=folder, **OPTIONS)).document


def test_that_a_planted_signal_is_found():
    faces = dataset(30)
    features = np.random.default_rng(0).normal(size=(len(faces), 40))
    features[:, 7] += 0.6 * faces.conditions
    found = readable(features, faces.conditions, faces, permutations=199)
    assert found.accuracy > 0.55
    assert not found.at_chance


@pytest.mark.parametrize("labels", ["expressions", "conditions"])
def test_that_noise_which_tells_the_subject_stays_at_chance(labels):
    faces = dataset(30)
    random = np.random.default_rng(1)
    features = random.normal(size=(len(faces), 40)) + np.repeat(random.normal(size=(30, 40)), 14, 0)
    found = readable(features, getattr(faces, labels), faces, permutations=199)
    assert found.at_chance
    assert found.interval[0] <= found.accuracy <= found.interval[1]


def test_that_where_a_cell_is_covered_tells_nothing_by_itself():
    # Masks cover a cell in nine of ten images, bare faces in one of ten; colours are a subject's.
    faces, p = dataset(60), []
    for seed in range(8):
        random = np.random.default_rng(seed)
        features = np.repeat(random.normal(size=(60, 20)), 14, 0)
        features += random.normal(size=features.shape)
        often = np.where(faces.conditions == Condition.MASKED, 0.9, 0.1)[:, None]
        features[:, :6][random.random((len(faces), 6)) < often] = np.nan
        p.append(readable(features, faces.conditions, faces, permutations=99).p)
    assert np.mean(np.array(p) < 0.1) < 0.4


def test_that_only_cells_well_away_from_the_head_have_a_colour():
    image = np.full((32, 32, 3), 50, np.uint8)
    ground = np.ones((32, 32), bool)
    ground[16:, 16:] = False
    colours = background.cell_colours(image, ground, margin=1)
    assert colours.shape == (16, 16, 3)
    assert np.isnan(colours[7:, 7:]).all()
    assert np.isfinite(colours[:7]).all()


def test_that_a_background_that_knows_the_condition_is_told(tmp_path):
    found = measured(study(tmp_path, 6, tint=lambda expression, condition: 8 * condition))
    assert found["background"]["condition"]["accuracy"] == 1
    assert not found["background"]["condition"]["at_chance"]
    assert found["background"]["expression"]["at_chance"]


def test_that_the_same_background_for_all_passes(tmp_path):
    found = measured(study(tmp_path, 6))
    assert all(one["at_chance"] for one in found["background"].values())
    assert 0 < found["cells"] < found["of"]


def test_that_labels_are_read_with_their_regions_and_landmarks(tmp_path):
    labelled = read(study(tmp_path, 1))
    masked = labelled.of(Condition.MASKED)
    assert (len(labelled), len(masked)) == (14, 7)
    assert masked.regions(0).max() == 2
    assert labelled.eye_distance().tolist() == [10.0] * 14
