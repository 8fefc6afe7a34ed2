import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks.packing import decoded, drawn, packed
from benchmarks.peer import Faces, Recipe, changes, train, unchanged
from tests.engine.making import draw


@pytest.fixture
def faces(tmp_path):
    for number in range(9):
        draw(tmp_path / f"{number}.png", number)
    return [(str(tmp_path / f"{number}.png"), number % 7) for number in range(9)]


def test_that_the_peer_trains_every_image_of_every_fold_and_epoch(faces):
    folds = [{"train": faces[:6], "test": faces[6:]}, {"train": faces[3:], "test": faces[:3]}]
    told = train(Recipe("resnet18", 48, 3, 2, 0, folds))
    assert told["trained"] == 2 * 2 * 6
    assert 0 < told["evaluating"] < told["span"]


def test_that_the_peer_drops_a_last_batch_of_one_as_the_program_does(faces):
    folds = [{"train": faces[:5], "test": faces[5:]}]
    assert train(Recipe("resnet18", 48, 4, 1, 0, folds))["trained"] == 4


def test_that_the_peer_changes_images_when_it_trains_and_only_then(faces):
    torch.manual_seed(0)
    learning, testing = Faces(faces, changes(32)), Faces(faces, unchanged(32))
    assert testing[0][0].shape == (3, 32, 32)
    assert torch.equal(testing[0][0], testing[0][0])
    assert any(not torch.equal(learning[0][0], learning[0][0]) for _ in range(4))


def test_that_packing_and_pillow_make_the_same_pixels(faces, tmp_path):
    files = [tmp_path / f"{number}.png" for number in range(9)]
    assert np.array_equal(packed(files, 32, tmp_path), decoded(files, 32))


def test_that_large_images_are_large(tmp_path):
    (file,) = drawn(tmp_path / "large", 1)
    with Image.open(file) as image:
        assert image.size == (1000, 1000)
