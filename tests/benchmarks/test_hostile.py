import sys

import pytest

from benchmarks.hostile import __main__ as hostile
from benchmarks.hostile import readers
from engine.store import columns

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals to end a hang")


def test_that_no_reader_answers_wrongly_to_files_that_are_nearly_right():
    found = readers.fuzz(cases=40, seed=1)
    assert len(found) == 13
    assert {one.tried for one in found.values()} == {40}
    assert [trace for one in found.values() for trace in one.traces] == []


def test_that_a_reader_that_checks_nothing_is_found_out(monkeypatch):
    monkeypatch.setattr(columns, "_check", lambda name, values, column: None)
    found = readers.fuzz(cases=20, seed=1)
    assert found["predictions"].wrong


def test_that_each_module_that_fuzzes_is_a_line_of_the_table(monkeypatch, capsys):
    made = {"pages": readers.Fuzzed(3, 0), "links": readers.Fuzzed(4, 2)}
    monkeypatch.setattr(readers, "fuzz", lambda cases, seed: made)
    monkeypatch.setattr(hostile, "iter_modules", lambda path: [type("M", (), {"name": "readers"})])
    assert hostile.main(["--cases", "3"]) == 1
    kind, pages, links = (line.split() for line in capsys.readouterr().out.splitlines())
    assert kind[:3] == ["kind", "tried", "wrong"]
    assert (pages[:3], links[:3]) == (["pages", "3", "0"], ["links", "4", "2"])
