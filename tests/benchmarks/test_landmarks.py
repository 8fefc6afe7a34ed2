import numpy as np
import pytest

from benchmarks.sample.labelled import LANDMARKS, read
from benchmarks.sample.landmarks import MESH, agreement, shifts_from
from engine.faces.landmarks import POINTS
from tests.benchmarks.making import study


def test_that_shifts_are_in_eye_distances(tmp_path):
    labelled = read(study(tmp_path, 1))
    meshes = np.zeros((len(labelled), POINTS, 2))
    for name in LANDMARKS:
        meshes[:, MESH[name]] = labelled.landmark(name)[:, None]
    meshes[:, MESH["chin"]] += (3.0, -4.0)  # px; the eyes are 10 px apart
    shifts = shifts_from(labelled, meshes)
    assert np.allclose(shifts[:, LANDMARKS.index("chin")], (0.3, -0.4))
    assert agreement(shifts)["landmarks"]["chin"]["median"] == pytest.approx(0.5)


def test_that_one_landmark_off_misses_one_goal():
    shifts = np.zeros((20, len(LANDMARKS), 2))
    shifts[:, 3, 0] = 0.06
    mean, every = agreement(shifts)["goals"]
    assert mean["met"]
    assert not every["met"]
    assert every["found"] == f"{LANDMARKS[3]} 6.0"
