import json

import pytest

from engine.evaluation.run_scores import find_scores, load_scores, score_run
from engine.evaluation.scores import Score, plain
from engine.store.files import write_document
from tests.engine import making


@pytest.fixture
def run(tmp_path):
    """Finished, with its scores beside it."""
    study = making.study(tmp_path, making.faces(tmp_path))
    made = making.run(tmp_path)
    making.finish(made, 0, 1)
    write_document(made.scores_file, plain(score_run(made, study.dataset())))
    study.close()
    return made


def rewrite(run, change):
    document = json.loads(run.scores_file.read_text("utf-8"))
    for name in ("nm", "average"):
        change(document[name])
    run.scores_file.write_text(json.dumps(document), "utf-8")


def test_that_scores_come_back_as_they_were_kept(run):
    kept = load_scores(run)
    assert list(kept) == ["nm", "average"]
    assert isinstance(kept["nm"], Score)
    assert kept["nm"].interval == (1.0, 1.0)
    assert find_scores(run) == kept


@pytest.mark.parametrize("name", ["sd", "balanced", "macro_f1", "recall", "n", "confusion"])
def test_that_what_an_older_version_did_not_score_is_worked_out_and_the_rest_is_kept(run, name):
    whole = load_scores(run)
    rewrite(run, lambda score: score.update({name: None}) or score.pop(name))
    assert load_scores(run) == whole
    rewrite(run, lambda score: score.update(accuracy=0.25))
    assert load_scores(run)["nm"].accuracy == 0.25


def test_that_scores_without_intervals_are_asked_for_again(run):
    whole = load_scores(run)
    rewrite(run, lambda score: score.pop("interval"))
    assert load_scores(run) == {}
    assert find_scores(run) == whole


def test_that_values_of_later_versions_do_no_harm(run):
    whole = load_scores(run)
    rewrite(run, lambda score: score.update(later=3))
    assert load_scores(run) == whole


@pytest.mark.parametrize("content", ["[]", "3", '{"nm": null}', '{"nm": {}}', "{", "{}"])
def test_that_scores_that_are_damaged_are_asked_for_again(run, content):
    run.scores_file.write_text(content, "utf-8")
    assert load_scores(run) == {}
