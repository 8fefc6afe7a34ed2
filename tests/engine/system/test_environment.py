import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engine.runs import launch
from engine.runs.planning import RunRequest, plan
from engine.store.runs import State
from engine.system import environment as surroundings
from tests import foreign_code
from tests.engine import making
from tests.engine.runs.following import ended

ROOT = Path(__file__).parents[3]
HELPED = """
from engine.system.environment import prepare
if __name__ == "__main__":
    prepare()
    from engine.system.processes import pool
    with pool(1) as helpers:
        helpers.submit(abs, -1).result()
"""
TINY = {"epochs": 1, "size": 32, "batch": 8}


@pytest.fixture
def stranger(tmp_path):
    return foreign_code.folder(tmp_path / "stranger")


@pytest.fixture
def script(tmp_path):
    """As pip makes ``msde``: a file in a folder of its own."""
    file = tmp_path / "bin" / "msde"
    file.parent.mkdir()
    file.write_text("from engine.__main__ import main\nif __name__ == '__main__':\n    main()\n")
    return file


def answer(command, cwd, **environment):
    done = subprocess.run(
        [*map(str, command), "--json"],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def test_that_a_run_resumed_in_a_strangers_folder_runs_none_of_its_code(tmp_path, stranger, script):
    with making.drawn_study(tmp_path) as study:
        run = plan(study, RunRequest("baseline", "mix", "quick", folds=2, changes=TINY))
    command = [sys.executable, script, "resume", run.id, "--study", "../study"]
    said = answer(command, stranger, PYTHONPATH=f"{ROOT}{os.pathsep}")
    assert said["state"] == "finished"
    assert foreign_code.ran(stranger) == []


def test_that_a_worker_runs_no_code_of_the_folder_it_was_started_in(
    tmp_path, stranger, monkeypatch
):
    with making.drawn_study(tmp_path) as study:
        run = plan(study, RunRequest("baseline", "mix", "quick", folds=2, changes=TINY))
    monkeypatch.chdir(stranger)
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}{ROOT}")
    assert ended(run, launch.start(run)) is State.FINISHED
    assert foreign_code.ran(stranger) == []


def test_that_a_relative_path_on_the_command_line_means_what_it_says(tmp_path, stranger, script):
    making.draw(stranger / "faces" / "fear" / "S1_a.png", 1)
    command = [sys.executable, script, "import", "faces", "--study", "../study"]
    assert answer(command, stranger, PYTHONPATH=f"{ROOT}{os.pathsep}")["imported"] == 1
    assert foreign_code.ran(stranger) == []


def test_that_helpers_of_a_prepared_process_run_no_code_of_the_current_folder(tmp_path, stranger):
    file = tmp_path / "helped.py"
    file.write_text(HELPED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}"}
    subprocess.run([sys.executable, file], cwd=stranger, env=environment, check=True)
    assert foreign_code.ran(stranger) == []


def test_that_the_engine_as_a_module_runs_no_code_of_the_current_folder(tmp_path):
    stranger = foreign_code.folder(tmp_path, "typer", "numpy", "pydantic")
    command = [sys.executable, "-m", "engine", "formats"]
    assert answer(command, stranger, PYTHONPATH=str(ROOT))["formats"]
    assert foreign_code.ran(stranger) == []


def test_that_what_is_run_is_the_program_that_starts_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = ["", ".", "other", str(tmp_path), str(tmp_path / "more")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(places))
    found = surroundings.environment()["PYTHONPATH"].split(os.pathsep)
    assert found == [str(ROOT), str(tmp_path / "other"), str(tmp_path / "more")]


def test_that_caches_go_where_they_can_be_written(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.write_text("a file: nothing can be made in it")
    for name in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = surroundings.environment()
    own = Path(found["NUMBA_CACHE_DIR"])
    assert own.parent == tmp_path
    assert own.stat().st_mode & 0o777 == 0o700
    assert found["MPLCONFIGDIR"] == str(own)
    assert surroundings.environment()["NUMBA_CACHE_DIR"] == str(own)


def test_that_a_usual_place_that_can_be_written_stays(tmp_path, monkeypatch):
    for name in surroundings.CACHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert not surroundings.CACHES.keys() & surroundings.environment().keys()


@pytest.mark.parametrize("made", [lambda place: place.mkdir(), lambda place: place.symlink_to("/")])
def test_that_a_cache_that_others_may_fill_is_not_used(tmp_path, monkeypatch, made):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    expected = tmp_path / f"msde-studio-{os.getuid()}"
    made(expected)
    if not expected.is_symlink():
        expected.chmod(0o777)
    found = Path(surroundings._own_folder())
    assert found != expected
    assert found.stat().st_mode & 0o777 == 0o700
