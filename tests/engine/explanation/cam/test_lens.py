import numpy as np
import pytest
import torch
from pytorch_grad_cam import (
    EigenCAM,
    GradCAM,
    GradCAMPlusPlus,
    HiResCAM,
    LayerCAM,
    ScoreCAM,
)
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from engine.domain import Failure
from engine.events import Cancelled
from engine.explanation.cam.hooks import listen, still
from engine.explanation.cam.lens import explain, lens
from engine.explanation.cam.variants.scorecam import score_weights
from engine.explanation.heatmap import VARIANTS
from engine.networks.base import build, variants
from engine.networks.ran import CROPS
from tests.engine.explanation.making import Crops, Tiny

THEIRS = {
    "gradcam": GradCAM,
    "gradcam++": GradCAMPlusPlus,
    "hirescam": HiResCAM,
    "layercam": LayerCAM,
    "eigencam": EigenCAM,
    "scorecam": ScoreCAM,
}
SIZE = 80
CASES = [
    (name, variant)
    for name in ("tiny", "resnet18", "ran18", "scan18")
    for variant in THEIRS
    if (name, variant) != ("ran18", "scorecam")  # the library cannot: a face has six maps
]


def nothing():
    """A pulse that nobody feels."""


def network(name, seed=0):
    torch.manual_seed(seed)
    made = build(name) if name != "tiny" else Tiny()
    for layer in made.modules():  # as after training: nothing is exactly normal
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 1.5)
    return made.eval()


def images(n, size=SIZE, seed=1):
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


def library(made, variant, image, target):
    """Maps of one face by pytorch-grad-cam's own call, one for each part: (k, size, size)."""
    with THEIRS[variant](made, [made.heatmap_layer]) as cam:
        maps = cam(image[None], [ClassifierOutputTarget(target)])
    made.zero_grad(set_to_none=True)
    return maps


def scaled(maps, size):
    """As the library scales: each from 0 to 1, then to the image's size, then again."""
    return scale_cam_image(np.maximum(scale_cam_image(np.asarray(maps), (size, size)), 0))


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_that_maps_of_a_batch_equal_the_library_s_of_each_face(name, variant):
    slow = variant == "scorecam" and name != "tiny"  # hundreds of passes for each face
    size, n = (48, 1) if slow else (SIZE, 3)
    made, faces, targets = network(name), images(n, size), torch.tensor([1, 5, 0])[:n]
    ours = explain(lens(made, "", variant), faces, targets, nothing).maps
    ours = ours.numpy().reshape(-1, n, *ours.shape[1:])
    for face in range(n):
        theirs = library(made, variant, faces[face], int(targets[face]))
        assert np.abs(scaled(ours[:, face], size) - theirs).max() < 1e-4
    assert ours.min() >= 0
    assert ours.max() > 0


def test_that_score_cam_of_crops_weighs_channels_merged_on_the_face():
    made, faces, targets = Crops().eval(), images(2, 16), torch.tensor([2, 4])
    with listen(made.heatmap_layer) as said, torch.no_grad():
        made(faces)
    parts = said[0].detach().unflatten(0, (len(CROPS), 2)).transpose(0, 1)  # (2, 6, 5, 8, 8)
    merged = torch.stack([made.on_face(of_face.flatten(0, 1), (16, 16)) for of_face in parts])
    wanted = [ClassifierOutputTarget(target) for target in targets.tolist()]
    with ScoreCAM(made, []) as cam:
        theirs = cam.get_cam_weights(faces, None, wanted, merged.numpy(), None)
    for row in range(2):
        ours = score_weights(made, faces[row], parts[row], int(targets[row]), nothing)
        assert np.abs(ours.numpy() - theirs[row]).max() < 1e-5
    found = explain(lens(made, "", "scorecam"), faces, targets, nothing)
    face = (torch.from_numpy(theirs)[..., None, None] * merged).sum(1)
    assert torch.allclose(made.on_face(found.maps, (16, 16)), face, atol=1e-5)


def test_that_maps_of_crops_are_summed_at_their_places():
    made = build("ran18")
    parts = torch.zeros(len(CROPS), 2, 3, 3)
    parts[0, 0] = 1  # the whole first face
    parts[1, 1] = 2  # top left of the second
    parts[3, 1] = 4  # the middle of its lower three quarters
    faces = made.on_face(parts.flatten(0, 1), (16, 16))
    assert (faces[0] == 1).all()
    expected = torch.zeros(16, 16)
    expected[:12, :12] += 2
    expected[4:, 2:14] += 4
    assert torch.equal(faces[1], expected)


def test_that_targets_are_what_the_network_says_unless_they_are_given():
    made, faces = network("tiny"), images(4, 8)
    said = explain(lens(made, "", "gradcam"), faces, None, nothing)
    assert torch.equal(said.targets, said.probabilities.argmax(1))
    assert torch.allclose(said.probabilities, made(faces).softmax(1))
    others = (said.targets + 1) % 7
    changed = explain(lens(made, "", "gradcam"), faces, others, nothing)
    assert torch.equal(changed.targets, others)
    assert not torch.equal(changed.maps, said.maps)


def state(made):
    hooks = [len(part._forward_hooks) + len(part._backward_hooks) for part in made.modules()]
    modes = [part.training for part in made.modules()]
    weights = [(value.requires_grad, value.grad is None) for value in made.parameters()]
    return sum(hooks), modes, weights


@pytest.mark.parametrize("variant", VARIANTS)
def test_that_every_variant_gives_a_map_and_leaves_the_network_as_it_was(variant):
    made = network("tiny")
    made.train().head.eval()
    made.head.weight.requires_grad_(False)
    before = state(made)
    assert before[0] == 0
    found = explain(lens(made, "", variant), images(2, 8), None, nothing)
    assert (len(found.maps), found.maps.ndim) == (2, 3)
    assert (found.maps >= 0).all()
    assert state(made) == before


def cancel():
    raise Cancelled


def test_that_no_hook_is_left_after_an_error_or_cancelled():
    made = network("tiny")
    before = state(made)
    with pytest.raises(Cancelled):
        explain(lens(made, "", "scorecam"), images(1, 8), None, cancel)
    assert state(made) == before
    with pytest.raises(RuntimeError):
        explain(lens(made, "", "gradcam"), torch.zeros(1, 4, 8, 8), None, nothing)
    assert state(made) == before
    with pytest.raises(ZeroDivisionError), still(made), listen(made.heatmap_layer):
        raise ZeroDivisionError
    assert state(made) == before


@pytest.mark.parametrize("name", {cls: name for name, cls in variants().items()}.values())
def test_that_every_network_can_be_explained(name):
    made = network(name)
    said = explain(lens(made, "", "gradcam"), images(1, 64), None, nothing)
    values = made.on_face(said.maps, (64, 64))
    assert values.ndim == 3
    assert len(values) == 1
    assert (values >= 0).all()


def test_that_any_part_of_the_trunk_that_gives_one_map_can_be_read():
    made, faces = network("resnet18"), images(1, 32)
    for name, cells in (
        ("trunk", 1),
        ("trunk.layer3", 2),
        ("trunk.layer2.1", 4),
        ("trunk.bn1", 16),
    ):
        maps = explain(lens(made, name, "layercam"), faces, None, nothing).maps
        assert maps.shape == (1, cells, cells)


def test_that_an_unknown_layer_lists_those_there_are():
    with pytest.raises(Failure, match=r"“layer9”: choose one of trunk, .*trunk\.layer4"):
        lens(build("resnet18"), "layer9", "gradcam")


def test_that_a_layer_that_is_never_used_alone_is_refused():
    made = network("scan18")  # its forward takes the trunk apart
    with pytest.raises(Failure, match=r"“trunk” gives no single map .* trunk\.layer2"):
        explain(lens(made, "trunk", "gradcam"), images(1, 32), None, nothing)
    assert state(made)[0] == 0
