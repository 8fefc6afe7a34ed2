"""The command line on studies of which one thing is damaged."""

import json
import time

import pytest

from engine.cli import main
from tests import hostile
from tests.hostile import CLOSED, DAMAGES, ROW, SCORES, WHOLE

PATIENCE = 10  # seconds: far more than any of these takes


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return hostile.base(tmp_path_factory.mktemp("base") / "study")


@pytest.fixture
def msde(capsys, monkeypatch):
    monkeypatch.setattr("engine.evaluation.scores.RESAMPLES", 20)

    def said(command, folder, *words):
        began = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            main([command, *words, "--study", str(folder), "--json"])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert ended.value.code in (0, 1)
        assert time.monotonic() - began < PATIENCE
        document = json.loads(told.out)
        assert ended.value.code == 0 or document["error"].count("\n") == 0
        return ended.value.code, document

    return said


@pytest.mark.parametrize("name", sorted(DAMAGES.keys() - {"page_of_the_database"}))
def test_that_one_damaged_thing_takes_nothing_else(base, tmp_path, msde, name):
    folder, outcome = hostile.damaged(base, tmp_path / "study", name), DAMAGES[name][1]
    listing, said = msde("runs", folder)
    assert listing == (1 if outcome == CLOSED else 0)
    states = [run["state"] for run in said.get("runs", [])]
    assert ("damaged" in states) == (outcome == ROW)
    assert outcome != ROW or len([run["error"] for run in said["runs"] if "error" in run]) == 1
    msde("check", folder, "--progress", "none")
    if len(states) < 2:
        return
    for command in ("scores", "errors"):
        code, said = msde(command, folder, "2")
        assert code == 0 or (outcome != WHOLE and "002-baseline-mix" in said["error"]), said
    assert (code == 1 and "--repair" in said["error"]) == (outcome == SCORES)
    assert msde("scores", folder, "1")[0] == 0
