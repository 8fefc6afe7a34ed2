"""Names from data on the terminal: shown as they are, obeyed by nothing."""

import io
import json
import os
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli._output import Output, table
from engine.cli._terminal import visible
from engine.domain import Expression
from engine.events import Failed, Logged, Progressed, decode, encode
from tests.engine import making

NAMES = ["[/x]", "[bold]x", "\x1b[31mred", "a\rb", "\u202egnp", ":smile:", "\x9b1m", "\\[b]", "x["]
OBEYED = set("\x1b\r\x9b\u202e\x07")


class Screen(io.StringIO):
    """A terminal that keeps what it is sent."""

    def isatty(self):
        return True


@contextmanager
def screen():
    with redirect_stdout(Screen()) as shown, redirect_stderr(shown):
        yield shown


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """No colours, and room for everything."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("name", NAMES)
def test_that_a_name_is_shown_as_it_is_wherever_it_stands(name):
    with screen() as sent:
        table_of_it = table(name, (f"of {name}",), [(name,)])
        Output(as_json=False).answer({}, table_of_it, f"Of {name}.")
    shown = sent.getvalue()
    assert shown.count(visible(name)) == 4
    assert not OBEYED & set(shown)


@pytest.mark.parametrize("name", NAMES)
def test_that_progress_obeys_no_name(name, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")  # it draws bars
    with screen() as sent:
        output = Output(as_json=False)
        with output.live():
            for event in (Logged(name), Failed(name), Progressed(name, 1, 2)):
                output.report(event)
            output._bars.refresh()
    assert sent.getvalue().count(visible(name)) >= 3


@pytest.mark.parametrize("name", [*NAMES, "\udcff", "\u2028", "ü データ"])
def test_that_json_keeps_every_name_and_is_text(name):
    with screen() as sent:
        Output(as_json=True).answer({"file": name})
    assert json.loads(sent.getvalue()) == {"file": name}
    assert not OBEYED & set(sent.getvalue())
    sent.getvalue().encode()
    encode(Logged(name)).encode()
    told = name.encode(errors="backslashreplace").decode()
    assert decode(encode(Logged(name))) == Logged(told)


@pytest.mark.parametrize("name", NAMES)
def test_that_an_error_names_what_it_is_about_in_one_line(name):
    for words in (["runs", "--study", f"no{name}"], ["runs", f"--{name}"], [f"no{name}"]):
        with screen() as sent, pytest.raises(SystemExit):
            main(words)
        said = sent.getvalue()
        assert said.count("\n") == 1
        assert not OBEYED & set(said)


def test_that_an_import_of_such_names_succeeds_and_lists_them(tmp_path, capsys):
    subjects = ["[bold]x", "[red]y", "\x1b[31mz"]
    for number, expression in enumerate(Expression):
        for other, subject in enumerate(subjects):
            file = tmp_path / "faces" / expression.title / f"{subject}_{number}.png"
            making.draw(file, number, other)
    for name in ("[b]broken.png", os.fsdecode(b"\xff.png"), "x\x1b[2Jy.png"):
        (tmp_path / "faces" / "fear" / name).write_bytes(b"no image")
    study, pattern = ["--study", str(tmp_path / "study")], ["--subject-pattern", "(.*)_"]
    with pytest.raises(SystemExit) as ended:
        main(["import", str(tmp_path / "faces"), *study, *pattern, "--progress", "none"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    for part in ("21 samples of 3 subjects", "[b]broken.png", "\\udcff.png", "x\\u001b[2Jy.png"):
        assert part in shown
    assert "\x1b" not in shown
    with pytest.raises(SystemExit):
        main(["import", str(tmp_path / "faces"), *study, "--json"])
    assert json.loads(capsys.readouterr().out)["error"]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_that_a_folder_whose_name_is_no_text_is_told_as_such(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"f\xff")
    making.draw(folder / "fear" / "a_1.png", 1)
    with pytest.raises(SystemExit) as ended:
        main(["import", str(folder), "--study", str(tmp_path / "study"), "--json"])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "rename it" in json.loads(said.out)["error"]
    assert "Traceback" not in said.err
    assert not (tmp_path / "study").exists() or not list(Path(tmp_path / "study").glob("images"))
