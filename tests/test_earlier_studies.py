"""A study that version 0.1 made and packed, with runs of every method, is what it was.

``tests/earlier/build.py`` tells how it was made. Networks are asked again, so their numbers may
differ a little from processor to processor; what was kept is told as it was.
"""

import hashlib
import json
import math
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from tests.earlier import asking
from tests.earlier.asking import msde

EARLIER = Path(__file__).parent / "earlier"
NAME = "version-0.1"
EXPECTED = json.loads((EARLIER / f"{NAME}-expected.json").read_text(encoding="utf-8"))
BEGUN, FINISHED = list(EXPECTED["scores"]), list(EXPECTED["explained"])
STOPPED = [run for run in BEGUN if run not in FINISHED]
TEACHERS = [one["teacher"] for one in EXPECTED["runs"]["runs"] if one["run"] in STOPPED]
LIBRARY = "openTSNE"
# Of a probability. Another instruction set rounds the last steps by up to 0.0006; a checkpoint that
# is read without its optimiser's state changes answers by 0.0024 and more.
RESUMED_WITHIN = 1.5e-3


@pytest.fixture(scope="module")
def arrays():
    with np.load(EARLIER / f"{NAME}-expected.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """As it came, with the networks of finished runs."""
    return unpacked(tmp_path_factory.mktemp("Tëst データ") / "study", FINISHED)


@pytest.fixture(scope="module", autouse=True)
def going_on(tmp_path_factory):
    """Another copy, whose stopped runs go on from now, beside the other tests: it takes longest.

    With the files of their finished folds as they were before.
    """
    folder = unpacked(tmp_path_factory.mktemp("resumed") / "study", [*STOPPED, *TEACHERS])
    before = {run: contents(folder / "runs" / run / "fold-01") for run in STOPPED}
    with ThreadPoolExecutor(1) as thread:
        yield folder, before, thread.submit(asking.resume, folder, STOPPED)


@pytest.fixture(scope="module")
def resumed(going_on):
    folder, before, ended = going_on
    ended.result()
    return folder, before


@pytest.fixture(scope="module")
def analyses(study):
    """What need not be computed, and is not kept anew."""
    before = contents(study, "*.npz")
    found = asking.analyses(study, kept=True)
    assert contents(study, "*.npz") == before
    return found


def unpacked(folder, runs):
    """With the networks and checkpoints of these runs alone, which take most of the time."""
    with zipfile.ZipFile(EARLIER / f"{NAME}.zip") as packed:
        for name in packed.namelist():
            if not name.endswith(".safetensors") or name.split("/")[1] in runs:
                packed.extract(name, folder)
    return folder


def contents(folder, pattern="*"):
    files = [file for file in folder.rglob(pattern) if file.is_file()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def matches(found, expected):
    """Whether all that is expected is there, numbers to a millionth; there may be more by now."""
    if isinstance(expected, dict):
        return all(key in found and matches(found[key], one) for key, one in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(matches, found, expected))
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-6)
    return found == expected


def test_that_every_run_is_in_its_state(study):
    found = msde(study, "runs")
    assert matches(found, EXPECTED["runs"])
    assert {one["state"] for one in found["runs"]} == {"finished", "stopped", "queued"}


def test_that_the_queue_is_as_it_was(study):
    assert matches(msde(study, "queue"), EXPECTED["queue"])
    assert EXPECTED["queue"]["queue"]


def test_that_every_image_is_as_it_was(study):
    assert matches(msde(study, "check"), EXPECTED["check"])


@pytest.mark.parametrize("run", BEGUN)
def test_that_scores_and_predictions_are_equal(study, arrays, run):
    found = msde(study, "scores", run)
    assert matches(found["runs"][run], EXPECTED["scores"][run])
    assert asking.predictions(study, run) == pytest.approx(arrays[f"tested {run}"], abs=1e-6)


@pytest.mark.parametrize("run", FINISHED)
def test_that_heatmaps_are_equal(study, arrays, run):
    found, expected = (
        asking.heatmaps(study, run, **EXPECTED["explained"][run]),
        arrays[f"seen {run}"],
    )
    brightest = expected.max(axis=(1, 2), keepdims=True)
    assert (brightest > 0).all()
    assert found / brightest == pytest.approx(expected / brightest, abs=1e-3)


def test_that_kept_pictures_are_found(analyses):
    found, expected = analyses["embed"], EXPECTED["analyses"]["embed"]
    if {version(LIBRARY)} != {document["version"].split()[1] for document in pictures(expected)}:
        pytest.skip(f"pictures that another version of {LIBRARY} drew are made anew")
    assert pictures(expected)
    assert matches(found, expected)


def test_that_kept_attention_is_found(analyses):
    found, expected = analyses["attention"], EXPECTED["analyses"]["attention"]
    means = expected[-1]["answer"].pop("means")  # by now they are told over the run's own mean
    assert means.keys() == found[-1]["answer"]["means"].keys()
    assert matches(found, expected)


def pictures(said):
    return [one["event"]["document"] for one in said if "event" in one]


@pytest.mark.parametrize("run", STOPPED)
def test_that_a_stopped_run_goes_on_where_it_was(resumed, arrays, run):
    folder, before = resumed
    tested, expected = arrays[f"tested {run}"], arrays[f"resumed {run}"]
    assert len(tested) < len(expected)
    found = asking.predictions(folder, run)
    assert found[:, 0].tolist() == expected[:, 0].tolist()
    assert found == pytest.approx(expected, abs=RESUMED_WITHIN)
    assert contents(folder / "runs" / run / "fold-01") == before[run]
