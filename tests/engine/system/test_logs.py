import logging

import pytest

from engine.system import logs


@pytest.fixture(autouse=True)
def log_folder(tmp_path, monkeypatch):
    """A log folder of the test's own; handlers that the test adds are closed after it."""
    monkeypatch.setattr(logs, "folder", lambda: tmp_path / "log")
    loggers = [logging.getLogger(name) for name in logs.PACKAGES]
    before = [(log, list(log.handlers), log.level) for log in loggers]
    yield tmp_path / "log"
    for log, handlers, level in before:
        for handler in set(log.handlers) - set(handlers):
            log.removeHandler(handler)
            handler.close()
        log.setLevel(level)


def test_that_what_both_packages_log_is_in_the_file_with_its_place(surprises):
    logs.write_to_file()
    logging.getLogger("engine.store.runs").info("Run %s: made", "001")
    logging.getLogger("msde_gui.app").warning("A slot failed")
    engine, window = logs.read_last().splitlines()
    assert engine.endswith("engine.store.runs: Run 001: made")
    assert "WARNING" in window
    assert window.endswith("msde_gui.app: A slot failed")
    surprises.clear()


def test_that_only_the_last_lines_are_read():
    logs.write_to_file()
    for number in range(300):
        logging.getLogger("engine").info("line %d", number)
    lines = logs.read_last().splitlines()
    assert len(lines) == 200
    assert lines[-1].endswith("line 299")


def test_that_the_file_stays_small(log_folder, monkeypatch):
    monkeypatch.setattr(logs, "SIZE", 2_000)
    logs.write_to_file()
    for number in range(500):
        logging.getLogger("engine").info("line %d", number)
    assert len(list(log_folder.iterdir())) == 1 + logs.KEPT
    assert all(file.stat().st_size <= 2_000 for file in log_folder.iterdir())


def test_that_a_folder_that_cannot_be_written_is_no_error(log_folder):
    log_folder.write_text("a file in its place")
    logs.write_to_file()
    logging.getLogger("engine").info("nowhere")
    assert logs.read_last() == ""


def test_that_a_process_beside_the_window_logs_to_standard_error(capsys):
    logs.write_to_errors()
    logging.getLogger("engine.runs.coordinator").info("Fold 1: process 7 on cpu")
    assert capsys.readouterr().err.endswith("Fold 1: process 7 on cpu\n")
