"""The form repeats what the last run of its very settings found out about them."""

import pytest

from engine.events import Logged, RunStarted, encode
from msde_gui.pages.experiments.panel import ExperimentsPanel
from msde_gui.session.session import Session
from tests.engine.making import epoch_ended
from tests.msde_gui import making

HARDLY = (
    "Fold 1: the trunk hardly learns from “feature”, with 0.005 % of the strongest term's gradient."
)


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    yield made
    made.close()


@pytest.fixture
def panel(qtbot, session):
    made = ExperimentsPanel(session)
    qtbot.addWidget(made)
    session.catalogue = making.catalogue()
    session.catalogue_changed.emit()
    return made


def ran(session, *events, settings=making.NETWORKS):
    """A run of which these events are known."""
    run = making.run_in(session.study.folder, settings=settings)
    said = [RunStarted(3, 15, "cpu", "fp32", 1), *events]
    run.events_file.write_text("".join(encode(event) + "\n" for event in said), encoding="utf-8")
    session.runs._look(list_again=True)
    return run.id


def test_that_the_form_warns_of_what_the_last_run_of_its_settings_measured(panel, session):
    assert panel.card.warning.isHidden()
    name = ran(session, Logged(HARDLY), epoch_ended())
    assert panel.card.warning.text() == f"In {name}: {HARDLY}"
    assert not panel.card.warning.isHidden()
    box = panel.card.settings.widget("network")
    box.setCurrentIndex(box.findText("resnet34"))
    assert panel.card.warning.isHidden()
    box.setCurrentIndex(box.findText("resnet18"))
    assert not panel.card.warning.isHidden()


def test_that_a_later_run_of_the_same_settings_has_the_last_word(panel, session):
    ran(session, Logged(HARDLY), epoch_ended())
    ran(session)  # it has measured nothing yet
    assert HARDLY in panel.card.warning.text()
    ran(session, epoch_ended())
    assert panel.card.warning.isHidden()


def test_that_a_run_of_other_settings_says_nothing_of_these(panel, session):
    ran(session, Logged(HARDLY), epoch_ended(), settings={"network": "resnet34"})
    assert panel.card.warning.isHidden()
