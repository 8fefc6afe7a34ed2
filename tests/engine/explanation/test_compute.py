import gc
from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from engine.data.packing import open_packed, pack
from engine.domain import Failure
from engine.events import Cancelled, Progressed, silent
from engine.explanation.cam.lens import explain, lens
from engine.explanation.compute import AT_ONCE, heatmaps
from engine.explanation.heatmap import HeatmapRequest
from engine.explanation.overlay import OverlayStyle
from engine.inference.networks import Networks, load_network
from engine.store.runs import Run
from engine.store.study import Study
from engine.training.augmentation import normalise
from tests.engine.explanation import making


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return making.study(tmp_path_factory.mktemp("Tëst データ"))


@pytest.fixture(scope="module")
def run(study):
    return making.run(study)


def subjects(study):
    with Study(study) as opened:
        return {sample.id: sample.subject for sample in opened.dataset().samples}


def test_that_each_face_is_explained_by_the_network_that_never_saw_its_subject(study, run):
    networks = making.Always(making.Tiny())
    asked = [50, 3, 17, 4, 31]
    made = heatmaps(run, asked, HeatmapRequest(), silent, networks)
    assert made.samples.tolist() == asked
    subject = subjects(study)
    for number, fold in zip(made.samples.tolist(), made.folds.tolist(), strict=True):
        assert subject[number] not in run.protocol.folds[fold].train
        assert subject[number] in run.protocol.folds[fold].test
    assert sorted(set(networks.asked)) == [0, 1]


def test_that_order_is_kept_and_each_row_is_that_of_its_fold_s_network(study, run):
    asked = [50, 3, 17, 4, 31, 3]
    made = heatmaps(run, asked, HeatmapRequest("layercam", "fear", "trunk.layer2"), silent)
    assert (made.targets == 1).all()
    for row, number in enumerate(asked):
        alone = heatmaps(run, [number], HeatmapRequest("layercam", "fear", "trunk.layer2"), silent)
        assert alone.folds[0] == made.folds[row]
        assert np.allclose(alone.values[0], made.values[row], atol=1e-6)
        assert np.array_equal(alone.probabilities[0], made.probabilities[row])
    assert made.values.shape == (6, 4, 4)
    assert made.layer == "trunk.layer2"


def test_that_the_network_sees_the_face_as_it_was_tested(study, run, tmp_path):
    halved = replace(run.experiment.training, test_scaling="half")
    other = Run(run.folder)
    other.__dict__["experiment"] = replace(run.experiment, training=halved)
    with Study(study) as there:
        dataset = there.dataset()
    pixels = torch.from_numpy(np.asarray(open_packed(pack(dataset, 32, tmp_path, silent))[[8]]))
    for asked, scaling in ((run, "imagenet"), (other, "half")):
        made = heatmaps(asked, [9], HeatmapRequest(target="fear", layer="trunk.layer2"), silent)
        through = lens(load_network(run, int(made.folds[0])), "trunk.layer2", "gradcam")
        images = normalise(pixels, scaling)
        expected = explain(through, images, torch.tensor([1]), lambda: None)
        assert np.allclose(made.values, expected.maps.numpy(), atol=1e-6)


def test_that_packed_pixels_and_images_give_the_same_maps(tmp_path):
    study = making.study(tmp_path, subjects=2)
    run = making.run(study)
    read = heatmaps(run, [2, 16], HeatmapRequest(layer="trunk.layer2"), silent)
    assert not list((study / "cache").glob("pixels-*"))  # one face is no reason to pack all
    with Study(study) as there:
        dataset = there.dataset()
        pack(dataset, 32, there.cache, silent)
    for sample in dataset.samples:
        sample.file.unlink()
    packed = heatmaps(run, [2, 16], HeatmapRequest(layer="trunk.layer2"), silent)
    assert np.array_equal(read.values, packed.values)


def test_that_targets_are_predicted_true_or_the_one_named(study, run):
    said = {
        t: heatmaps(run, [1, 3, 20], HeatmapRequest(target=t), silent)
        for t in ("predicted", "true")
    }
    assert said["predicted"].targets.tolist() == [0, 1, 1]
    assert said["true"].targets.tolist() == [0, 1, 2]
    assert heatmaps(run, [1, 3], HeatmapRequest(target="sad"), silent).targets.tolist() == [4, 4]


def test_that_a_network_says_what_it_said_when_it_was_tested(run):
    predictions = run.predictions()
    tested = predictions.where(np.isin(predictions.samples, [1, 20]))
    made = heatmaps(run, [1, 20], HeatmapRequest(), silent)
    assert np.array_equal(made.probabilities, tested.probabilities)
    assert np.array_equal(made.targets, tested.predicted)
    drawn = heatmaps(run, [1, 20], HeatmapRequest(randomised=True), silent)
    assert not np.allclose(drawn.probabilities, tested.probabilities)
    assert np.array_equal(drawn.targets, tested.predicted)  # two maps of one class


def test_that_the_sanity_check_uses_none_of_the_trained_weights(run):
    networks = Networks()
    for fold in run.finished_folds():
        taught, drawn = (
            dict(networks.of(run, fold, randomised=one).named_parameters()) for one in (False, True)
        )
        weights = [name for name, value in taught.items() if value.ndim > 1]
        assert len(weights) > 20
        assert not any(torch.equal(taught[name], drawn[name]) for name in weights)


def test_that_maps_that_are_zero_by_construction_are_refused(study):
    run = making.run(study, "msde18")
    with pytest.raises(Failure, match=r"HiRes-CAM .* nothing but rounding .* another layer"):
        heatmaps(run, [1, 15], HeatmapRequest("hirescam"), silent)
    assert (
        heatmaps(
            run, [1, 15], HeatmapRequest("hirescam", layer="trunk.layer3"), silent
        ).values.max()
        > 0
    )
    assert heatmaps(run, [1, 15], HeatmapRequest("layercam"), silent).values.max() > 0


def test_that_crops_are_merged_over_the_face_and_it_is_said(study):
    made = heatmaps(making.run(study, "ran18", size=32), [1, 15], HeatmapRequest(), silent)
    assert made.values.shape == (2, 32, 32)
    assert "six crops" in made.layer
    assert made.values.min() >= 0


def test_that_random_weights_give_other_maps_and_the_seed_the_same_ones(run):
    networks = Networks()
    asked = HeatmapRequest(layer="trunk.layer3", randomised=True)
    drawn, again = (heatmaps(run, [1, 15], asked, silent, n) for n in (networks, None))
    taught = heatmaps(run, [1, 15], replace(asked, randomised=False), silent, networks)
    assert np.array_equal(drawn.values, again.values)
    assert not np.allclose(drawn.values, taught.values)
    assert not np.allclose(drawn.values[0], drawn.values[1])


def test_that_random_weights_leave_the_generator_of_others_alone(run):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    heatmaps(run, [1], HeatmapRequest(randomised=True), silent)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("asked", "samples", "parts"),
    [
        (HeatmapRequest(variant="cam"), [1], ["“cam”", "gradcam++", "scorecam"]),
        (HeatmapRequest(target="joy"), [1], ["“joy”", "predicted", "true", "neutral"]),
        (HeatmapRequest(layer="layer9"), [1], ["“layer9”", "trunk.layer4"]),
        (HeatmapRequest(), [1, 99], ["Sample 99 ", "1 to 56"]),
        (HeatmapRequest(), [], ["No sample", "1 to 56"]),
    ],
)
def test_that_a_wrong_word_is_one_sentence_with_the_choices(run, asked, samples, parts):
    with pytest.raises(Failure) as failed:
        heatmaps(run, samples, asked, silent)
    sentence = str(failed.value)
    assert all(part in sentence for part in parts)
    assert "\n" not in sentence


def test_that_a_sample_of_an_unfinished_fold_is_refused(study):
    half = making.run(study, finished=(1,))
    assert len(heatmaps(half, [15], HeatmapRequest(), silent, making.Always(making.Tiny()))) == 1
    with pytest.raises(Failure, match=r"Sample 1 is in no finished fold .* 15 to 56"):
        heatmaps(half, [15, 1], HeatmapRequest(), silent)
    with pytest.raises(Failure, match="let one finish"):
        heatmaps(making.run(study, finished=()), [1], HeatmapRequest(), silent)


def test_that_progress_is_told_and_cancelled_leaves_no_hook(run):
    network, told = making.Tiny().eval(), []

    def report(event):
        told.append(event)
        raise Cancelled

    with pytest.raises(Cancelled):
        heatmaps(run, [1, 15], HeatmapRequest(), report, making.Always(network))
    assert told == [Progressed("Heatmaps", 1, 2)]
    assert not any(part._forward_hooks for part in network.modules())
    assert all(weights.requires_grad for weights in network.parameters())


def test_that_memory_stays_flat(study):
    run = making.run(study)
    networks = making.Always(making.Tiny())
    samples = (list(range(1, 57)) * 6)[:300]

    def measured():
        heatmaps(run, samples, HeatmapRequest(), silent, networks)
        gc.collect()
        return len(gc.get_objects()), psutil.Process().memory_info().rss

    assert len(samples) > AT_ONCE
    measured()
    objects, room = measured()
    for _ in range(3):
        more, larger = measured()
    assert more - objects < 100
    assert larger - room < 30e6


def test_that_warm_networks_are_few_and_loaded_once(study, run):
    networks = Networks(kept=2)
    first = networks.of(run, 0)
    assert networks.of(run, 0) is first
    networks.of(run, 1)
    assert networks.of(run, 0) is first
    networks.of(run, 1, randomised=True)  # fold 1 was used least lately
    assert networks.of(run, 0) is first
    networks.of(run, 1)
    networks.of(run, 1, randomised=True)
    assert networks.of(run, 0) is not first


def test_that_weights_written_anew_are_loaded_anew(study):
    run, networks = making.run(study), Networks()
    first = networks.of(run, 0)
    file = run.fold(0) / "network.safetensors"
    (run.fold(1) / "network.safetensors").replace(file)
    assert networks.of(run, 0) is not first
    file.unlink()
    with pytest.raises(Failure, match=r"network\.safetensors"):
        networks.of(run, 0)


def test_that_a_full_disk_leaves_no_part_of_an_export(study, run, tmp_path, monkeypatch):
    from engine.explanation import export

    calls = iter(range(100))

    def write(file, content):
        if next(calls):
            raise OSError(28, "No space left on device")
        file.write_bytes(content)

    monkeypatch.setattr(export, "write_bytes", write)
    to = export.HeatmapFiles(tmp_path / "out", OverlayStyle())
    with pytest.raises(Failure, match="No space left"):
        export.export([run], [3, 4, 17], HeatmapRequest(), to, silent)
    assert list((tmp_path / "out").iterdir()) == []
