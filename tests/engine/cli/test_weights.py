import json
import os

import pytest
import torch

from engine.cli import main, weights
from engine.networks.base import build
from engine.pretrained import source


@pytest.fixture
def msde(capsys):
    """Run the command in this process and return its JSON document."""

    def run(*words, code=0):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, words), "--json"])
        assert ended.value.code == code
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    made = tmp_path_factory.mktemp("weights") / "faces.pth"
    heads = {"fc.weight": torch.ones(1000, 512)}
    torch.save({"state_dict": build("resnet18").trunk.state_dict() | heads}, made)
    return made


def test_that_a_file_that_fits_is_reported(msde, file):
    said = msde("weights", file)
    assert (said["loads"], said["refusal"], said["share"]) == (True, "", 1)
    assert (len(said["matched"]), said["missing"], said["mismatched"]) == (100, [], [])
    assert said["left_out"] == ["fc.weight"]


def test_that_a_file_of_another_network_is_reported_and_not_used(msde, file):
    said = msde("weights", file, "--network", "resnet50", code=1)
    assert said["loads"] is False
    assert "choose the network that they were made for" in said["refusal"]
    assert {"name", "needed", "found"} == set(said["mismatched"][0])


def test_that_a_file_with_values_that_are_no_numbers_is_refused_as_a_run_refuses_it(msde, tmp_path):
    state = build("resnet18").trunk.state_dict()
    state["layer4.1.conv2.weight"][0] = torch.nan
    torch.save(state, tmp_path / "w.pth")
    said = msde("weights", tmp_path / "w.pth", code=1)
    assert (said["loads"], said["share"]) == (False, 1)
    assert said["refusal"].endswith("hold values that are not numbers: use another file.")


def test_that_people_are_told_under_which_names_it_was_found(capsys, tmp_path):
    state = build("resnet18").trunk.state_dict()
    both = {f"module.encoder_{k}.{name}": state[name] for k in "kq" for name in state}
    torch.save({"state_dict": both}, tmp_path / "moco.pth")
    with pytest.raises(SystemExit):
        main(["weights", str(tmp_path / "moco.pth")])
    said = " ".join(capsys.readouterr().out.split())
    assert "of what begins with state_dict.module.encoder_q." in said
    assert "state_dict.module.encoder_k. would fill as much" in said


def test_that_what_is_no_file_is_refused_unread(msde, tmp_path):
    os.mkfifo(tmp_path / "w.pth")
    assert "folder or device" in msde("weights", tmp_path / "w.pth", code=1)["error"]


def test_that_an_unknown_network_is_wrong_usage(msde, file):
    assert "resnet18" in msde("weights", file, "--network", "alexnet", code=2)["error"]


def test_that_a_file_that_cannot_be_read_is_one_sentence(msde, tmp_path):
    (tmp_path / "w.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    said = msde("weights", tmp_path / "w.pkl", code=1)["error"]
    assert "w.pkl asks for os.system" in said
    assert "\n" not in said


def test_that_people_are_told_what_fits(capsys, file):
    with pytest.raises(SystemExit):
        main(["weights", str(file)])
    said = capsys.readouterr().out
    assert "100 % of the trunk of resnet18" in said
    assert "left out" in said


def test_that_the_doctor_lists_weights_that_need_no_path(msde):
    for one in msde("doctor")["weights"]:
        assert set(one) == {"name", "network", "file"}


def test_that_weights_by_name_fill_the_network_that_they_belong_to(msde, file, monkeypatch):
    brought = source.Packaged("faces", "resnet18", "some_package", "faces.pth", "pretrained")
    monkeypatch.setattr(source, "PACKAGED", (brought,))
    monkeypatch.setattr(source.Packaged, "path", lambda _: file)
    assert msde("weights", "faces")["network"] == "resnet18"
    monkeypatch.setattr(weights, "PLAIN", "resnet50")
    assert msde("weights", "faces")["network"] == "resnet18"
    assert msde("weights", file, code=1)["network"] == "resnet50"


def test_that_imagenet_weights_need_no_network_spelled_out():
    assert source.meant_for("imagenet") == "efficientnet-lite0"
    assert source.meant_for("faces.pth") == ""
