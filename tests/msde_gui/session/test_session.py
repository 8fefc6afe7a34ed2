import re
from pathlib import Path

from engine.plugins import find
from msde_gui import pages
from msde_gui.panel import Panel
from msde_gui.session.session import Session


def test_that_before_a_study_is_open_no_run_has_an_outcome(qapp):
    session = Session()
    assert session.outcomes.of("001-baseline-mix") is None
    assert session.faults == {}


def test_that_every_page_that_is_asked_for_is_there():
    sources = [file.read_text(encoding="utf-8") for file in Path(pages.__path__[0]).rglob("*.py")]
    call = r"asked_for_page\.emit\((.*?)\)"
    asked = {name for text in sources for name in re.findall(call, text)}
    known = {f'"{name}"' for name, cls in find(Panel, "msde_gui.pages").items() if not cls.dock}
    assert '"experiments"' in asked
    assert asked <= known
