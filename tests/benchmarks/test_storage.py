import pytest

from benchmarks.hostile.storage import KINDS, damaged
from engine.store import seals


@pytest.mark.parametrize("kind", KINDS)
def test_that_damage_to_what_a_study_stores_is_never_passed_on(kind):
    found = damaged(kind, 40)
    assert (found.tried, found.wrong, found.examples) == (40, 0, ())


def test_that_the_fuzz_notices_what_a_reader_passes_on(monkeypatch):
    monkeypatch.setattr(seals, "_broken", lambda *_: "")
    assert damaged("sqlite values", 40).wrong > 0
