import json

import pytest

from engine.cli import main
from tests.engine import making


@pytest.fixture
def study(tmp_path):
    """A run of two folds, one of which is done."""
    making.study(tmp_path, making.faces(tmp_path)).close()
    making.finish(making.run(tmp_path), 0)
    return tmp_path


def said(capsys, study, *words):
    with pytest.raises(SystemExit) as ended:
        main(["scores", "1", "--study", str(study), *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_that_one_fold_of_two_is_said_to_be_one_and_has_no_spread(study, capsys):
    shown = said(capsys, study)
    assert "fold 1 of 2, queued." in shown
    assert "±" not in shown.split("Recall")[0].replace("mean ± SD", "")
    facts = next(iter(json.loads(said(capsys, study, "--json"))["runs"].values()))
    assert facts["folds"] == {"done": [1], "of": 2}
