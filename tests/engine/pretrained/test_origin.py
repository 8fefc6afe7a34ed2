import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.domain import Failure
from engine.experiment.folds import protocol
from engine.pretrained.matching import fit
from engine.pretrained.origin import check_origin
from engine.pretrained.source import sha256
from engine.store.files import write_json
from engine.store.fold_files import write_folds
from engine.store.networks import FOLDER, remember
from engine.store.runs import create, discard, runs_in
from engine.store.study import Study
from engine.store.trained_folds import FOLD, fingerprint
from engine.training.checkpoint import save_weights
from tests.engine.making import experiment
from tests.engine.pretrained.making import Tiny, prefixed, random_state
from tests.engine.store.hostile_files import as_nobody


@pytest.fixture
def study(tmp_path):
    with Study(tmp_path / "study", create=True) as study:
        yield study


def network(seed=1):
    made = Tiny()
    made.load_state_dict(random_state(made, seed))
    return made


def trained(study, seed=1, fold=0, former=False, **changes):
    """A run whose first fold has trained on b and c, by this program or the ``former`` one."""
    made = create(study.runs_folder, experiment(**changes), protocol([["a"], ["b"], ["c"]], 0))
    made.fold(fold).mkdir()
    said = {} if former else {FOLD: fingerprint(made.protocol.folds[fold])}
    save_weights(network(seed), made.fold(fold) / "network.safetensors", said)
    if not former:
        remember(made)
    return made


def discard_for_good(run):
    discard(run)
    shutil.rmtree(run.study_folder / "trash", ignore_errors=True)
    assert not run.folder.exists()


@pytest.fixture(autouse=True)
def trash(monkeypatch):
    """The system's trash is emptied at once."""
    monkeypatch.setattr("engine.store.runs.send2trash.send2trash", shutil.rmtree)


def check(study, file, *tested):
    """As a new run does whose folds test these subjects."""
    folds = protocol([[name] for name in tested or ("b", "z")], 0)
    check_origin(fit(Tiny(), file), file, study, folds)


def halves(state):
    return {name: t.half() if t.is_floating_point() else t for name, t in state.items()}


WRITINGS = {
    "as safetensors": save_file,
    "as .pth": torch.save,
    "in half precision": lambda state, file: torch.save(halves(state), file),
    "under a prefix": lambda state, file: torch.save(prefixed(state, "module."), file),
    "without its head": lambda state, file: save_file(
        {name: tensor for name, tensor in state.items() if "head" not in name}, file
    ),
}


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
@pytest.mark.parametrize("former", [False, True])
def test_that_a_network_of_a_discarded_run_is_recognised_however_it_was_written(
    study, tmp_path, write, former
):
    run = trained(study, former=former)
    write(load_file(run.fold(0) / "network.safetensors"), tmp_path / "w")
    discard_for_good(run)
    trained(study, seed=2)
    with pytest.raises(Failure, match=f"are those of fold 1 of run {run.id}"):
        check(study, tmp_path / "w")
    check(study, tmp_path / "w", "a", "z")  # it has seen neither


def test_that_a_network_moved_out_of_a_folder_deleted_by_hand_is_recognised(study, tmp_path):
    run = trained(study)
    moved = (run.fold(0) / "network.safetensors").rename(tmp_path / "w")
    shutil.rmtree(run.folder)
    with pytest.raises(Failure, match="fold 1 of run"):
        check(study, moved)


def test_that_a_former_network_is_recognised_once_it_was_met(study, tmp_path):
    run = trained(study, former=True)
    save_file(random_state(network(), 3), tmp_path / "foreign")
    check(study, tmp_path / "foreign")  # which meets it
    moved = (run.fold(0) / "network.safetensors").rename(tmp_path / "w")
    with pytest.raises(Failure, match=f"fold 1 of run {run.id}"):
        check(study, moved)
    discard_for_good(run)
    with pytest.raises(Failure, match=f"fold 1 of run {run.id}"):
        check(study, moved)


def test_that_another_network_in_a_folds_place_is_recognised_beside_the_first(study, tmp_path):
    run = trained(study)
    first = (run.fold(0) / "network.safetensors").rename(tmp_path / "first")
    save_weights(network(2), run.fold(0) / "network.safetensors")
    save_weights(network(2), tmp_path / "second")
    discard_for_good(run)
    for file in (first, tmp_path / "second"):
        with pytest.raises(Failure, match="fold 1 of run"):
            check(study, file)


def test_that_networks_from_elsewhere_pass_whatever_was_discarded(study, tmp_path):
    discard_for_good(trained(study))
    save_file(random_state(network(), 2), tmp_path / "foreign")
    sibling = network()
    for name, value in sibling.trunk.state_dict().items():
        if "running" in name:  # it began from the same weights
            value.mul_(1.05)
    save_weights(sibling, tmp_path / "sibling")
    check(study, tmp_path / "foreign")
    check(study, tmp_path / "sibling")


def test_that_networks_that_have_nothing_in_common_are_told_apart(study, tmp_path):
    run = trained(study)
    other = {
        f"trunk.other.{n}": t for n, t in load_file(run.fold(0) / "network.safetensors").items()
    }
    (run.fold(1)).mkdir()
    save_file(other, run.fold(1) / "network.safetensors")
    discard_for_good(run)
    save_file(random_state(network(), 2), tmp_path / "foreign")
    check(study, tmp_path / "foreign")


def test_that_weights_do_not_become_a_discarded_runs_that_began_from_them(study, tmp_path):
    """What else the weights had seen is not known, but the run has not made them."""
    save_weights(network(), tmp_path / "public")
    run = trained(study, weights="public", weights_sha256=sha256(tmp_path / "public"))
    torch.save(load_file(run.fold(0) / "network.safetensors"), tmp_path / "w")
    discard_for_good(run)
    check(study, tmp_path / "public")
    with pytest.raises(Failure, match="fold 1 of run"):
        check(study, tmp_path / "w", "a", "z")


def test_that_a_damaged_record_is_told_or_made_anew(study, tmp_path):
    run = trained(study)
    save_file(random_state(network(), 2), tmp_path / "foreign")
    [record] = (study.folder / FOLDER).iterdir()
    record.write_bytes(record.read_bytes()[:99])
    check(study, tmp_path / "foreign")  # from the network, which is still there
    assert json.loads(record.read_text(encoding="utf-8"))["run"] == run.id
    discard_for_good(run)
    write_json(record, {"run": run.id})
    with pytest.raises(Failure, match=rf"{record.name} is damaged .* without a copy, remove it\."):
        check(study, tmp_path / "foreign")
    Study(study.folder).close()
    discard_for_good(trained(study, seed=3))
    record.unlink()
    check(study, tmp_path / "foreign")


def test_that_a_study_that_can_only_be_read_knows_its_networks(study, tmp_path):
    gone, there = trained(study), trained(study, seed=2, former=True)
    save_weights(network(), tmp_path / "gone")
    save_weights(network(2), tmp_path / "there")
    discard_for_good(gone)
    with as_nobody(tmp_path), Study(study.folder) as lent:
        for name in ("gone", "there"):
            with pytest.raises(Failure, match="fold 1 of run"):
                check(lent, tmp_path / name)
    assert [run.id for run in runs_in(study.runs_folder)] == [there.id]
    assert len(list((study.folder / FOLDER).iterdir())) == 1


def test_that_a_run_that_takes_a_discarded_ones_name_changes_nothing(study, tmp_path):
    run = trained(study, fold=2)
    save_weights(network(), tmp_path / "w")
    discard_for_good(run)
    again = create(study.runs_folder, experiment(), protocol([["x"], ["y"]], 0))
    assert again.id == run.id
    check(study, tmp_path / "w", "c", "x")
    with pytest.raises(Failure, match="fold 3 of run"):
        check(study, tmp_path / "w", "a", "x")


def test_that_folds_changed_by_hand_do_not_clear_a_network(study, tmp_path):
    run = trained(study)
    save_weights(network(), tmp_path / "w")
    write_folds(protocol([["b"], ["a"], ["c"]], 0), run.folder / "folds.json")
    with pytest.raises(Failure, match="fold 1 of run"):
        check(study, tmp_path / "w", "b", "z")


def test_that_a_record_is_small(study):
    trained(study)
    [record] = (study.folder / FOLDER).iterdir()
    assert record.stat().st_size < 100 * len(network().trunk.state_dict()) + 500
