import json

import pytest

from engine.cli import main
from engine.data import sample_study as sample
from engine.store.study import Study
from tests.engine.making import sample_study


def msde(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--json"])
    return ended.value.code, json.loads(capsys.readouterr().out)


def test_that_sample_makes_a_study_and_says_what_is_in_it(tmp_path, monkeypatch, capsys):
    shipped = sample_study(tmp_path / "shipped")
    monkeypatch.setattr(sample, "find_shipped", lambda: shipped)
    code, said = msde(capsys, "sample", tmp_path / "study")
    assert code == 0
    assert said["study"] == str(tmp_path / "study")
    assert (said["imported"], said["subjects"], said["pairs"]) == (30, 2, 15)
    assert said["counts"]["fear"] == {"nm": 3, "m": 3}
    with Study(tmp_path / "study") as study:
        assert len(study.dataset()) == 30
    code, said = msde(capsys, "sample", tmp_path / "study")
    assert code == 1
    assert "is not empty" in said["error"]
