"""Exports that cannot be written: one sentence that names the place, and nothing half-written.

Beside what the window itself writes stands what it has a command draw.
"""

import errno
import os
import shutil

import pytest

from msde_gui.pages.attention.view import AttentionView
from msde_gui.pages.embeddings.view import EmbeddingsView
from msde_gui.pages.errors.view import ErrorsView
from msde_gui.pages.explain.panel import ExplainPanel
from msde_gui.session.export import draw, place, write_list
from msde_gui.session.selection import Selection
from tests.full_disk import Limited, on_opening
from tests.msde_gui import making
from tests.msde_gui.asking import Oracle
from tests.msde_gui.explaining import Analyst
from tests.msde_gui.pages.attention.test_attention import answer
from tests.msde_gui.pages.embeddings.test_embeddings import picture

LONG = 20_000  # ms


@pytest.fixture
def runs(session):
    """Two finished runs, and faces selected."""
    folder = session.study.folder
    made = [making.run_in(folder, folds=2, method=name) for name in ("baseline", "contrastive")]
    for run in made:
        making.train(run, session.dataset, epochs=1)
    session.runs._look(list_again=True)
    session.select(Selection((3, 4), ("chosen",)))
    return [run.id for run in made]


@pytest.fixture
def show(session, runs, qtbot):
    """A view on a session whose questions are answered by hand."""

    def shown(kind, analyst):
        session.analyst.close()
        session.analyst.deleteLater()
        session.analyst = analyst
        made = kind(session)
        qtbot.addWidget(made)
        made.resize(900, 700)
        made.show()
        return made

    return shown


def heatmaps(show, session):
    panel = show(ExplainPanel, Analyst())
    session.analyst.answer_all()
    return panel, [], [panel.heatmaps.tools.save]


def attention(show, session):
    view = show(AttentionView, Oracle("attention"))
    answer(session)
    made = view.exports
    return view, [made.save_shares, made.save_tests], [made.save_svg, made.save_png]


def errors(show, session):
    view = show(ErrorsView, Oracle("none"))
    return view, [view.card.export, lambda: write_list(session, session.selection.ids)], []


def embeddings(show, session):
    view = show(EmbeddingsView, Oracle("embed"))
    question = session.analyst.asked[-1]
    for run in question.request.runs:
        question.reported.emit(picture(session, run))
    question.ended.emit()
    made = view.exports
    return view, [made.save_data, made.save_files], [made.save_svg, made.save_png]


def full(patch, session, size):
    """Half of the export finds room."""
    left = [size // 2]
    on_opening(patch, lambda stream: Limited(stream, left))
    return "No space left on device: make room"


def forbidden(patch, session, size):
    def refuse(stream):
        stream.close()
        raise PermissionError(errno.EACCES, "Permission denied")

    on_opening(patch, refuse)
    return "Permission denied: ask its owner for the right to it"


def in_the_way(patch, session, size):
    """A file has the folder's name."""
    other = session.study.folder / "other"
    other.mkdir(exist_ok=True)
    (other / "exports").touch()
    patch.setattr(session.study, "folder", other)
    return ""


def gone(patch, session, size):
    """As on a drive that was taken away."""
    patch.setattr(session.study, "folder", session.study.folder / "gone")
    return ""


@pytest.mark.parametrize("fault", [full, forbidden, in_the_way, gone])
@pytest.mark.parametrize("view", [heatmaps, attention, errors, embeddings])
def test_that_a_failed_export_is_said_once_and_leaves_nothing(
    view, fault, show, session, qtbot, monkeypatch
):
    shown, written, drawn = view(show, session)
    beside = fault in (full, forbidden)  # of those the process that draws has tests of its own
    heard = []
    session.said.connect(lambda sentence: heard.append(("said", sentence)))
    session.failed.connect(lambda sentence, _: heard.append(("failed", sentence)))
    for save in written if beside else [*written, *drawn]:
        size = size_of(save, session, qtbot) if fault is full else 0
        heard.clear()
        with monkeypatch.context() as patch:
            reason = fault(patch, session, size)
            exports = session.study.folder / "exports"
            save()
            qtbot.waitUntil(lambda: bool(heard), timeout=LONG)
        ((kind, sentence),) = heard
        assert kind == "failed"
        assert sentence.startswith(f"{exports}{os.sep}")
        assert sentence.endswith(f"cannot be written: {reason}." if reason else ".")
        assert list(exports.rglob("*")) == []
        assert exports.parent.exists() == (fault is not gone)
    assert shown.isVisible()


def test_that_a_figure_that_cannot_be_drawn_is_said_once_and_leaves_nothing(session, qtbot):
    heard = []
    session.said.connect(heard.append)
    session.failed.connect(lambda sentence, _: heard.append(sentence))
    words = ["embed", "9", "--study", str(session.study.folder), "--out"]
    file = place(session, "pca.svg")
    draw(session, "Draw the embeddings", [*words, str(file)], file)
    (job,) = session.jobs
    with qtbot.waitSignal(job.ended, timeout=LONG):
        pass
    (sentence,) = heard
    assert "no run “9”" in sentence
    assert list((session.study.folder / "exports").iterdir()) == []


def size_of(save, session, qtbot):
    """Bytes of the export while there is room; it goes again."""
    exports = session.study.folder / "exports"
    with qtbot.waitSignal(session.said, timeout=LONG):
        save()
    size = sum(file.stat().st_size for file in exports.rglob("*"))
    shutil.rmtree(exports)
    exports.mkdir()
    return size
