import pytest

from engine.domain import Failure
from engine.execution.order import due
from engine.store.files import read_json, write_json
from tests.engine.making import run as queued


def test_that_runs_that_wait_for_each_other_are_told(tmp_path):
    one, other = queued(tmp_path), queued(tmp_path, teacher="001-baseline-nm")
    assert due(other) == [one, other]
    plan = read_json(one.folder / "experiment.json")
    write_json(one.folder / "experiment.json", plan | {"teacher": other.id})
    with pytest.raises(Failure, match="Run 002-baseline-nm waits for itself"):
        due(type(other)(other.folder))
