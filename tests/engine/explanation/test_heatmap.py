import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.domain import Failure
from engine.explanation.heatmap import (
    TITLES,
    VARIANTS,
    HeatmapRequest,
    Heatmaps,
    check,
    enlarge,
    read,
    write,
)

ROOT = Path(__file__).parents[3]


def made(n=3):
    values = np.random.default_rng(0).random((n, 2, 3), dtype=np.float32)
    shares = np.full((n, 7), 1 / 7, dtype=np.float32)
    ids = np.arange(n) + 10
    return Heatmaps(ids, ids % 2, ids % 7, shares, values, "trunk.layer4: of six crops")


@pytest.mark.parametrize("shape", [(7, 7), (2, 3), (1, 1)])
@pytest.mark.parametrize("size", [(21, 30), (5, 4), (1, 1)])
def test_that_maps_are_enlarged_as_the_network_resamples(shape, size):
    values = np.random.default_rng(0).random((4, *shape), dtype=np.float32)
    theirs = F.interpolate(torch.from_numpy(values)[:, None], size, mode="bilinear")
    ours = enlarge(values, *size)
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs[:, 0].numpy()).max() < 1e-6
    assert np.array_equal(enlarge(values[0], *size), ours[0])


def test_that_heatmaps_are_kept_as_they_are(tmp_path):
    write(made(), tmp_path / "h.npz")
    again = read(tmp_path / "h.npz")
    for name, column in vars(made()).items():
        assert np.array_equal(getattr(again, name), column)
    assert again.layer == "trunk.layer4: of six crops"
    with np.load(tmp_path / "h.npz", allow_pickle=False) as stored:
        assert stored["values"].dtype == np.float32
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nothing", None])
def test_that_a_damaged_file_is_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "h.npz").write_bytes(content)
    with pytest.raises(Failure, match=r"h\.npz cannot be read"):
        read(tmp_path / "h.npz")


def test_that_every_variant_has_a_title_and_wrong_words_list_the_choices():
    assert tuple(TITLES) == VARIANTS
    for variant in VARIANTS:
        check(HeatmapRequest(variant, "sad"))
    with pytest.raises(Failure, match=r"variant “Grad-CAM”: choose one of gradcam, "):
        check(HeatmapRequest("Grad-CAM"))
    with pytest.raises(Failure, match=r"target “worst”: choose one of predicted, true, surprise"):
        check(HeatmapRequest(target="worst"))


def test_that_the_window_can_import_it_without_torch():
    code = "import sys, engine.explanation.heatmap; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
