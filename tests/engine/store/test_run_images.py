import csv
import hashlib
import json

import numpy as np
import pytest

from engine.cli import main
from engine.domain import Expression, Failure
from engine.experiment.folds import split
from engine.experiment.predictions import Predictions
from engine.store.prediction_files import write
from engine.store.run_images import find_judged, match_images, record
from engine.store.runs import create
from engine.store.study import DATABASE, Study, source_of
from tests.engine.making import experiment, faces, study


@pytest.fixture
def images(tmp_path):
    """Of four people; the first is the one whom a later import finds, too."""
    return faces(tmp_path / "faces", subjects=4)


@pytest.fixture
def run(tmp_path, images):
    """It has tested three people, each in a fold."""
    with study(tmp_path / "study", images[14:]) as opened:
        dataset = opened.dataset()
    last, print_ = int(dataset.ids[-1]), dataset.fingerprint
    made = experiment(folds=3, last_sample=last, fingerprint=print_)
    run = create(tmp_path / "study/runs", made, split(dataset, 3, 0))
    record(run, dataset)
    random = np.random.default_rng(0)
    for fold in run.protocol.folds:
        rows = np.flatnonzero(np.isin(dataset.subjects, fold.test))
        columns = dataset.conditions[rows], dataset.expressions[rows]
        shares = random.dirichlet(np.ones(7), len(rows)).astype(np.float32)
        said = Predictions(dataset.ids[rows], np.full(len(rows), fold.number), *columns, shares)
        run.fold(fold.number).mkdir()
        write(said, run.fold(fold.number) / "predictions.npz")
    return run


def imported_anew(run, images):
    (run.study_folder / DATABASE).unlink()
    with study(run.study_folder, images) as opened:
        return opened.dataset()


def said_of(predictions, dataset):
    """What was predicted, by the image's content."""
    rows = [dataset.row_of[number] for number in predictions.samples.tolist()]
    hashes = [dataset.samples[row].sha256 for row in rows]
    return dict(zip(hashes, predictions.probabilities.tolist(), strict=True))


def the_study(run):
    with Study(run.study_folder) as opened:
        return opened.dataset()


def ask(*words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code


def test_that_the_images_of_a_run_are_all_there(run):
    dataset = the_study(run)
    found = find_judged(run, dataset)
    assert (found.note, len(found.predictions)) == ("", 42)
    assert match_images(run, dataset).images.fingerprint == dataset.fingerprint


def test_that_predictions_follow_their_images_when_one_more_person_is_imported(run, images):
    before = said_of(run.predictions(), the_study(run))
    dataset = imported_anew(run, images)
    found = find_judged(run, dataset)
    assert found.note == ""
    assert said_of(found.predictions, dataset) == before
    assert np.all(np.diff(found.predictions.samples) > 0)


def test_that_the_exported_rows_tell_the_truth_of_their_files(run, images, tmp_path):
    imported_anew(run, images)
    out = tmp_path / "said.csv"
    place = ["--study", str(run.study_folder)]
    assert ask("scores", run.id, *place, "--predictions", str(out)) == 0
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    shown = {str(image.file): image for image in images}
    assert len(rows) == 42
    for row in rows:
        image = shown[row["file"]]
        truth = (image.subject, image.expression.title, image.condition.short)
        assert (row["subject"], row["expression"], row["condition"]) == truth


def test_that_what_still_fits_is_shown_when_some_images_have_gone(run, images, capsys):
    kept = images[14:42]  # one person less, where three were tested
    dataset = imported_anew(run, kept)
    found = find_judged(run, dataset)
    assert len(found.predictions) == 28
    assert "14 of its 42 have gone or changed since. Only the others are shown." in found.note
    assert ask("errors", run.id, "--study", str(run.study_folder), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["runs"][run.id]["n"] == 28
    assert said["notes"] == [found.note]


@pytest.mark.parametrize("change", ["content", "expression", "subject"])
def test_that_a_changed_image_or_label_does_not_fit(run, images, change):
    other = images[14]
    if change == "content":
        other.file.write_bytes(images[0].file.read_bytes())
        sha256 = hashlib.sha256(other.file.read_bytes()).hexdigest()
        changes = {"sha256": sha256}
    else:
        changes = {"expression": Expression.SAD} if change == "expression" else {"subject": "s9"}
    first = type(other)(**{name: getattr(other, name) for name in other.__slots__} | changes)
    dataset = imported_anew(run, [first, *images[15:]])
    found = find_judged(run, dataset)
    assert len(found.predictions) == 41
    assert "1 of its 42" in found.note


@pytest.mark.parametrize("kept", [None, b"", b"damaged"])
def test_that_an_older_run_of_other_images_is_refused_but_keeps_its_scores(
    run, images, kept, capsys
):
    run.samples_file.unlink()
    if kept is not None:
        run.samples_file.write_bytes(kept)
    assert find_judged(run, the_study(run)).note == ""  # the study still has these very images
    dataset = imported_anew(run, images)
    with pytest.raises(Failure, match=r"all of them have gone or changed since\. Put them back"):
        find_judged(run, dataset)
    assert ask("errors", run.id, "--study", str(run.study_folder)) == 1
    capsys.readouterr()
    assert ask("scores", run.id, "--study", str(run.study_folder), "--json") == 0
    said = json.loads(capsys.readouterr().out)["runs"][run.id]
    assert said["nm"]["n"] == 21
    assert said["nm"]["interval"] is None
    assert "was made of other images" in said["note"]


def test_that_a_later_import_changes_nothing(run, images, tmp_path):
    more = faces(tmp_path / "more", subjects=5)[56:]
    with Study(run.study_folder) as opened:
        opened.add(source_of("later", "folders", tmp_path), more, [], copy=False)
    assert find_judged(run, the_study(run)).note == ""
    assert len(match_images(run, the_study(run)).images) == 42
