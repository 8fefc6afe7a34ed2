"""Every command with what nobody would type: one document, one sentence, the right exit code."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest

from engine import cli
from engine.data import sample_study
from engine.domain import Failure
from engine.synthesis import assets, study
from tests.engine import making

PUBLIC = {
    one.name: one.callback
    for one in cli.app.registered_commands
    if "as_json" in inspect.signature(one.callback).parameters
}
GIVEN = {"name": "1", "names": "1", "method": "baseline", "out": "out.csv"}
SAFE = {  # nothing long begins, whatever is accepted
    "run": ["--dry-run"],
    "reproduce": ["--plan"],
    "import": ["--dry-run"],
}
NUMBERS = ["nan", "inf", "-inf", "²", "", "1e9", str(10**30), str(-(10**30)), "9" * 5000]
TEXTS = [
    "a" * 3000, "[/x]", "\x1b]0;x\x07", "\udcff\u202e", "", "../..", "(", "key=[/x]", "-1:nan",
    "/dev/null", "/dev/full",
]  # fmt: skip


def parameters(command):
    """Name, Python type and spelling of what the command takes; an argument has no spelling."""
    hints = get_type_hints(PUBLIC[command], include_extras=True)
    found = {}
    for name in inspect.signature(PUBLIC[command]).parameters:
        kind, info = get_args(hints[name])[:2]
        given = [
            text for text in (info.default, *(info.param_decls or ())) if isinstance(text, str)
        ]
        plain_name = None if "Argument" in type(info).__name__ else f"--{name.replace('_', '-')}"
        found[name] = kind, next(iter(given), plain_name)
    return found


def plain(kind):
    """``int`` of ``list[int] | None``."""
    inner = [one for one in get_args(kind) if one is not type(None)]
    return plain(inner[0]) if get_origin(kind) and inner else kind


def cases(*kinds):
    return [
        pytest.param(command, name, id=f"{command}-{name}")
        for command in PUBLIC
        for name, (kind, _) in parameters(command).items()
        if plain(kind) in kinds
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with some faces and a study of them that has no run."""
    folder = tmp_path_factory.mktemp("Tëst データ")
    making.study(folder / "study", making.faces(folder / "faces", subjects=4)).close()
    making.sample_study(folder / "shipped")
    return folder


@pytest.fixture
def msde(place, tmp_path, capsys, monkeypatch):
    """Run a command with one parameter changed; answer its exit code and its sentence."""

    def refuse(*_):
        raise Failure("not rendered in this test")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sample_study, "find_shipped", lambda: place / "shipped")
    monkeypatch.setattr(assets, "require", lambda: None)
    monkeypatch.setattr(study, "synthesize", refuse)

    def run(command, changed, value):
        given = GIVEN | {"study": str(place / "study"), "folder": str(place / "faces")}
        if command == "sample":
            given["folder"] = "new"
        words = [command, *SAFE.get(command, []), "--json"]
        if "progress" in parameters(command) and changed != "progress":
            words += ["--progress", "none"]
        last = []
        for name, (_, spelling) in parameters(command).items():
            needed = inspect.signature(PUBLIC[command]).parameters[name].default is inspect._empty
            text = value if name == changed else given.get(name, "x") if needed else None
            if text is not None and spelling:
                words.append(f"{spelling}={text}")
            elif text is not None:
                last.append(text)
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--", *last])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert not set("\x1b\x07\x9b\u202e") & set(said.out + said.err)
        document = json.loads(said.out)
        return ended.value.code, document.get("error", "")

    return run


@pytest.mark.parametrize(("command", "name"), cases(int, float))
def test_that_a_number_out_of_its_range_is_wrong_usage(msde, command, name):
    for value in NUMBERS:
        code, sentence = msde(command, name, value)
        assert (code, "\n" in sentence) == (2, False), value
    low = msde(command, name, "-7")
    assert low[0] == 2
    assert "range" in low[1] or " lies in " in low[1]


@pytest.mark.parametrize(("command", "name"), cases(str, Path))
def test_that_a_text_of_any_kind_is_answered_in_one_document(msde, command, name):
    for value in TEXTS:
        code, sentence = msde(command, name, value)
        assert code in (0, 1, 2), value
        assert bool(sentence) == (code != 0), value
        assert "Unexpected" not in sentence, sentence
    assert Path(os.devnull).is_char_device() or os.name == "nt"


@pytest.mark.parametrize("workers", ["²", "1025", "-1", "", "auto ", "9" * 5000, "1.5"])
def test_that_workers_are_a_number_in_their_range(msde, workers):
    for command in ("run", "resume", "reproduce"):
        code, sentence = msde(command, "workers", workers)
        if command != "resume" or code != 1:  # there the run is looked for first
            assert code == 2
            assert "0 to 1024" in sentence


@pytest.mark.parametrize("seed", [-1, 2**32, 18_000_000_000_000_000])
def test_that_no_embedding_takes_a_seed_that_umap_does_not(seed):
    from engine.embeddings.compute import embed

    with pytest.raises(Failure, match="from 0 to 4294967295"):
        embed(None, 0, "umap", seed, {}, None)


def test_that_the_largest_seed_is_in_range(msde):
    code, sentence = msde("run", "seed", str(2**32 - 1))
    assert code == 1
    assert sentence.startswith("10 folds need at least 10 subjects")


def listed(place, *words):
    return [sys.executable, "-m", "engine", "runs", "--study", str(place / "study"), *words]


@pytest.mark.skipif(os.name == "nt", reason="pipes end in another way there")
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_that_a_reader_who_leaves_is_no_failure(place, words):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(listed(place, *words), stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.stderr, done.returncode) == (b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_that_an_answer_which_finds_no_room_is_a_failure(place, words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            listed(place, *words), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"msde: The answer cannot be written: No space left on device.\n"
