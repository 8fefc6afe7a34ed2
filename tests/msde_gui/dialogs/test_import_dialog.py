"""The import assistant."""

import pytest

from engine.events import Progressed
from msde_gui.dialogs import import_dialog
from msde_gui.dialogs.import_model import ImportChoice, group_by_reason, headers
from msde_gui.session.jobs import Job

ANSWER = {
    "dataset": "faces",
    "format": "folders",
    "imported": 3,
    "subjects": 2,
    "pairs": 1,
    "counts": {"fear": {"nm": 2, "m": 1}},
    "skipped": [
        {"file": "a.png", "reason": "cut short"},
        {"file": "b.png", "reason": "“contempt” is not one of the seven expressions"},
        {"file": "c.png", "reason": "cut short"},
    ],
    "notes": ["Subjects come from the file names."],
}


@pytest.fixture
def started(monkeypatch):
    """Jobs that wait for the test to say what they do."""
    jobs = []
    monkeypatch.setattr(Job, "start", lambda job: jobs.append(job))
    return jobs


@pytest.fixture
def assistant(qtbot, session, started):
    made = import_dialog.ImportAssistant(session)
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_only_what_was_chosen_is_on_the_command_line():
    choice = ImportChoice("F", "S", columns={"path": "image", "subject": ""}, copy=True)
    assert choice.arguments(dry_run=True) == [
        *("import", "F", "--study", "S"),
        *("--column", "path=image", "--copy", "--dry-run"),
    ]


def test_that_nothing_can_be_imported_before_it_was_previewed(assistant, tmp_path):
    assert not assistant.look.isEnabled()
    assistant.form.folder.setText(str(tmp_path))
    assert assistant.look.isEnabled()
    assert not assistant.bring_in.isEnabled()


def test_that_the_preview_counts_and_groups_what_is_left_out(assistant, started, tmp_path):
    assistant.form.folder.setText(str(tmp_path))
    assistant.look.click()
    (job,) = started
    assert "--dry-run" in job.arguments
    job.reported.emit(Progressed("Reading", 2, 6))
    assert assistant.bar.isVisible()
    assert assistant.step.text() == "Reading · 2 of 6"
    job.succeeded.emit(ANSWER)
    job.ended.emit()
    assert assistant.preview.summary.text() == "3 images of 2 subjects, 1 pairs"
    assert assistant.preview.skipped.topLevelItem(0).text(0) == "2 × cut short"
    assert assistant.bring_in.isEnabled()


def test_that_a_changed_choice_asks_for_a_new_preview(assistant, started, tmp_path):
    assistant.form.folder.setText(str(tmp_path))
    assistant.look.click()
    started[0].succeeded.emit(ANSWER)
    started[0].ended.emit()
    assistant.form.name.setText("other")
    assert not assistant.bring_in.isEnabled()


def test_that_an_import_reloads_the_study(assistant, started, session, tmp_path, qtbot):
    assistant.form.folder.setText(str(tmp_path))
    assistant.model.bring_in()
    with qtbot.waitSignal(session.study_changed):
        started[0].succeeded.emit(ANSWER)
    assert not assistant.isVisible()
    started[0].ended.emit()


def test_that_an_error_is_shown_where_the_preview_would_be(assistant, started, tmp_path):
    assistant.form.folder.setText(str(tmp_path))
    assistant.look.click()
    started[0].failed.emit(f"There is no image in {tmp_path}.", "")
    started[0].ended.emit()
    assert "no image" in assistant.preview.empty.text.text()


def test_that_the_headers_of_a_table_are_offered(assistant, tmp_path):
    table = tmp_path / "legend.csv"
    table.write_text("\ufeffuser.id,image,emotion\n1,a.jpg,fear\n", encoding="utf-8")
    assert headers(tmp_path) == ["user.id", "image", "emotion"]
    assistant.form.folder.setText(str(tmp_path))
    assert assistant.form.mapping.isVisible()
    assistant.form.columns["path"].setCurrentText("image")
    assert "--column path=image" in assistant.command.text()


def test_that_reasons_come_in_order_of_their_number():
    assert next(iter(group_by_reason(ANSWER["skipped"]))) == "cut short"
