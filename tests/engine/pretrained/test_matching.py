import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.domain import Failure
from engine.networks.base import build
from engine.pretrained.matching import Misfit, examine, load
from tests.engine.pretrained.making import Tiny, filled_with, of_python_2, prefixed, random_state

NUMBERS = {"conv1": 0, "bn1": 1, "layer1": 4, "layer2": 5, "layer3": 6, "layer4": 7}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Tiny()


@pytest.fixture
def state(network):
    return random_state(network.trunk)


def saved(content, file):
    torch.save(content, file)
    return file


def numbered(state):
    """As ``nn.Sequential(*children)`` names a residual network's parts."""
    parts = {name: name.partition(".") for name in state}
    return {f"{NUMBERS[part]}.{rest}": state[name] for name, (part, _, rest) in parts.items()}


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model", "net", "params", ""])
def test_that_the_state_dict_is_found_wherever_it_is(network, state, tmp_path, key):
    content = {key: state, "epoch": 3, "optimizer": {"state": {0: {"step": torch.ones(1)}}}}
    report = load(network, saved(content if key else state, tmp_path / "w.pth"))
    assert (report.share, report.missing, report.mismatched) == (1, (), ())
    assert filled_with(network, state)


@pytest.mark.parametrize(
    "prefix",
    [
        *("module.", "backbone.", "features_extractor.", "feature_extractor.", "features."),
        *("encoder.", "trunk.", "network.", "model.", "net.", "base.", "resnet."),
        *("module.backbone.", "module.features_extractor.", "_orig_mod.", "module._orig_mod."),
        *("module.encoder_q.", "online_encoder.net.", "student.backbone.", "a.prefix.of.nobody."),
    ],
)
def test_that_any_prefix_is_stripped(network, state, tmp_path, prefix):
    report = load(network, saved(prefixed(state, prefix), tmp_path / "w.pt"))
    assert report.share == 1
    assert report.prefix == prefix.replace("_orig_mod.", "")
    assert filled_with(network, state)


def test_that_parts_that_were_compiled_or_wrapped_are_known(network, state, tmp_path):
    names = {name: name.replace("layer1.", "layer1._orig_mod.") for name in state}
    report = load(network, saved({names[name]: state[name] for name in state}, tmp_path / "w"))
    assert report.share == 1
    assert filled_with(network, state)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("module.encoder_q.", "module.encoder_k."),
        ("online_encoder.net.", "target_encoder.net."),
        ("backbone.", "momentum_backbone."),
        ("backbone.", "backbone_momentum."),
        ("teacher.backbone.", "student.backbone."),
        ("model.", "model_ema."),
        ("a.", "b."),
    ],
)
def test_that_of_two_networks_that_fit_one_is_taken_and_the_other_said(
    network, state, tmp_path, first, second
):
    twin = {name: value + 1 for name, value in state.items()}
    pair = [prefixed(twin, second), prefixed(state, first)]
    both = {**pair[first == "a."], **pair[first != "a."]}
    report = load(network, saved(both, tmp_path / "w.pth"))
    assert (report.prefix, report.others) == (first, (second,))
    assert filled_with(network, state)


def test_that_of_two_mappings_the_one_that_others_use_is_taken(network, state, tmp_path):
    twin = {name: value + 1 for name, value in state.items()}
    content = {
        "student": prefixed(twin, "module.backbone."),
        "teacher": prefixed(state, "backbone."),
    }
    report = load(network, saved(content, tmp_path / "w.pth"))
    assert report.prefix == "teacher.backbone."
    assert report.others == ("student.module.backbone.",)


@pytest.mark.parametrize("prefix", ["", "module.", "features.", "module.features."])
def test_that_a_trunk_whose_parts_have_numbers_is_understood(network, state, tmp_path, prefix):
    file = saved({"model_state_dict": prefixed(numbered(state), prefix)}, tmp_path / "w.pth")
    assert load(network, file).layout == "a residual network's parts by number"
    assert filled_with(network, state)


def test_that_the_best_of_several_networks_in_a_file_is_taken(network, state, tmp_path):
    other = {f"other{k}": torch.ones(1) for k in range(100)}
    load(network, saved({"teacher": other, "student": state}, tmp_path / "w.pth"))
    assert filled_with(network, state)


def test_that_a_networks_own_file_can_be_started_from(network, state, tmp_path):
    save_file(
        prefixed(state, "trunk.") | {"head.weight": torch.ones(7, 4)}, tmp_path / "w.safetensors"
    )
    assert load(network, tmp_path / "w.safetensors").left_out == ("head.weight",)
    assert filled_with(network, state)


def test_that_heads_and_counters_are_left_out(network, state, tmp_path):
    heads = {"fc.weight": torch.ones(87, 4), "feature.0.bias": torch.ones(9)}
    before = network.head.weight.clone()
    old = {name: value for name, value in state.items() if "num_batches" not in name}
    report = load(network, saved(old | heads, tmp_path / "w.pth"))
    assert report.left_out == tuple(heads)
    assert report.share == 1
    assert torch.equal(network.head.weight, before)


def test_that_missing_and_misshapen_tensors_are_named(network, state, tmp_path):
    del state["bn1.bias"]
    state["conv1.weight"] = torch.ones(4, 1, 3, 3)
    report = examine(network, saved(state, tmp_path / "w.pth"))
    assert report.missing == ("bn1.bias",)
    assert report.mismatched == (Misfit("conv1.weight", (4, 3, 3, 3), (4, 1, 3, 3)),)
    assert "conv1.weight" not in report.matched
    assert report.left_out == ()


def test_that_less_than_nine_tenths_of_a_trunk_is_refused_and_changes_nothing(
    network, state, tmp_path
):
    before = {name: value.clone() for name, value in network.trunk.state_dict().items()}
    rest = {name: value for name, value in state.items() if not name.startswith("layer4")}
    with pytest.raises(Failure, match=r"w\.pth fill \d\d % of the network's trunk and 90 %"):
        load(network, saved(rest, tmp_path / "w.pth"))
    assert filled_with(network, before)


def test_that_a_share_counts_values_as_well_as_tensors(network, state, tmp_path):
    kept = {name: value for name, value in state.items() if name != "layer1.0.conv1.weight"}
    report = examine(network, saved(kept, tmp_path / "w.pth"))
    assert len(report.matched) / (len(report.matched) + 1) > 0.9
    assert report.share < 0.9


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 1e300])
def test_that_values_that_are_no_numbers_are_refused(network, state, tmp_path, value):
    state["conv1.weight"] = state["conv1.weight"].double()
    state["conv1.weight"][0] = value
    file = saved(state, tmp_path / "w.pth")
    assert "not numbers" in examine(network, file).refusal
    with pytest.raises(Failure, match="not numbers"):
        load(network, file)


def test_that_a_negative_variance_is_refused(network, state, tmp_path):
    state["bn1.running_var"][0] = -1
    assert "not numbers" in examine(network, saved(state, tmp_path / "w.pth")).refusal


def test_that_values_of_a_head_do_not_matter(network, state, tmp_path):
    state["fc.weight"] = torch.full((2, 2), torch.nan)
    assert examine(network, saved(state, tmp_path / "w.pth")).refusal == ""


@pytest.mark.parametrize("shape", [(64, 1, 7, 7), (64, 3, 3, 3), None])
def test_that_the_first_layer_must_fit(tmp_path, shape):
    network = build("resnet18")
    state = random_state(network.trunk)
    del state["conv1.weight"]
    if shape:
        state["conv1.weight"] = torch.ones(shape)
    report = examine(network, saved(state, tmp_path / "w.pth"))
    assert report.share > 0.98
    found = " × ".join(map(str, shape)) if shape else "missing"
    assert f"conv1.weight is {found} and 64 × 3 × 7 × 7 is needed" in report.refusal


@pytest.mark.parametrize(
    ("made_for", "used", "advice"),
    [
        ("resnet50", "resnet18", "choose the network that they were made for, such as resnet50"),
        ("resnet18", "ran50", "choose the network that they were made for, such as ran18 or"),
        ("efficientnet-lite0", "resnet18", "such as efficientnet-lite0"),
    ],
)
def test_that_weights_of_another_network_name_it(tmp_path, made_for, used, advice):
    state = prefixed(random_state(build(made_for).trunk), "module.encoder_q.")
    assert advice in examine(build(used), saved(state, tmp_path / "w.pth")).refusal


def test_that_a_head_alone_is_said_to_be_one(tmp_path):
    file = saved({"fc.weight": torch.ones(7, 512), "fc.bias": torch.ones(7)}, tmp_path / "w.pth")
    report = examine(build("resnet18"), file)
    assert "no convolutions, only such as fc.weight" in report.refusal
    assert report.left_out == ("fc.weight", "fc.bias")


def test_that_a_network_that_nobody_here_has_is_said_to_be_one(tmp_path):
    file = saved({"blocks.0.attn.qkv.weight": torch.ones(3, 4, 5)}, tmp_path / "w.pth")
    told = examine(build("resnet18"), file).refusal
    assert "no network here has their names and shapes, such as blocks.0.attn.qkv.weight" in told
    assert "\n" not in told


def test_that_half_precision_is_read(network, state, tmp_path):
    halves = {name: value.half() for name, value in state.items()}
    assert load(network, saved(halves, tmp_path / "w.pth")).share == 1
    assert network.trunk.conv1.weight.dtype is torch.float32


def test_that_memory_format_is_kept(network, state, tmp_path):
    network.to(memory_format=torch.channels_last)
    load(network, saved(state, tmp_path / "w.pth"))
    assert network.trunk.conv1.weight.is_contiguous(memory_format=torch.channels_last)


def test_that_both_ms_celeb_resnet18_files_load(tmp_path):
    network = build("resnet18")
    state = random_state(network.trunk)
    wide = {"fc.weight": torch.ones(1000, 512), "fc.bias": torch.ones(1000)}
    naive = {"feature.weight": torch.ones(256, 512), "fc.weight": torch.ones(870, 256)}
    files = {
        "resnet18_msceleb.pth": {"state_dict": state | wide},
        "ijba_res18_naive.pth.tar": {"epoch": 9, "state_dict": prefixed(state | naive, "module.")},
    }
    for name, content in files.items():
        file = tmp_path / name
        torch.save(content, file, _use_new_zipfile_serialization=name.endswith("pth"))
        report = load(network, file)
        assert (report.share, len(report.matched), len(report.left_out)) == (1, 100, 2)
        assert filled_with(network, state)


@pytest.mark.parametrize("name", ["scan-shared", "resnet50"])
def test_that_the_vggface2_dictionary_fills_residual_trunks(tmp_path, name):
    arrays = {k: v.numpy() for k, v in random_state(build("resnet50").trunk).items()}
    arrays = {k: v for k, v in arrays.items() if v.dtype == np.float32}
    arrays |= {"fc.weight": np.ones((8, 2048), np.float32), "fc.bias": np.ones(8, np.float32)}
    (tmp_path / "resnet50_ft_weight.pkl").write_bytes(of_python_2(arrays))
    network = build(name)
    report = load(network, tmp_path / "resnet50_ft_weight.pkl")
    assert report.share == 1
    assert {"fc.weight", "fc.bias"} <= set(report.left_out)
    assert np.array_equal(
        network.trunk.layer3[0].conv1.weight.detach(), arrays["layer3.0.conv1.weight"]
    )


def test_that_other_depths_of_a_residual_network_are_refused(tmp_path):
    file = saved(random_state(build("resnet18").trunk), tmp_path / "resnet18.pth")
    with pytest.raises(Failure, match=r"resnet18\.pth fill \d+ %"):
        load(build("resnet50"), file)


@pytest.mark.parametrize("protocol", range(6))
def test_that_arrays_of_every_pickle_protocol_are_read(network, state, tmp_path, protocol):
    arrays = OrderedDict((name, value.numpy()) for name, value in state.items())
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"state_dict": arrays}, protocol))
    assert load(network, tmp_path / "w.pkl").share == 1
    assert filled_with(network, state)
