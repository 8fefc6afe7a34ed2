import json

import numpy as np
import pytest

from engine.cli import main
from engine.data.sample_study import CAUTION
from engine.evaluation.scores import interval
from engine.experiment.folds import split
from engine.experiment.predictions import Predictions
from engine.paper.evidence import Evidence
from engine.store.prediction_files import write
from engine.store.runs import create
from tests.engine.making import experiment, faces, study


@pytest.fixture
def opened(tmp_path):
    """Six people; the masked face of one of them shows another expression than its partner."""
    images = faces(tmp_path / "faces", subjects=6)
    wrong = images[1]
    changed = {name: getattr(wrong, name) for name in wrong.__slots__} | {"expression": 3}
    with study(tmp_path / "study", [images[0], type(wrong)(**changed), *images[2:]]) as made:
        yield made


def judge(opened, right, **changes):
    """A finished run; ``right`` says which samples it recognises."""
    dataset = opened.dataset()
    facts = {"last_sample": int(dataset.ids[-1]), "fingerprint": dataset.fingerprint, "folds": 2}
    run = create(opened.runs_folder, experiment(**facts, **changes), split(dataset, 2, 0))
    for fold in run.protocol.folds:
        rows = np.flatnonzero(np.isin(dataset.subjects, fold.test))
        shares = np.zeros((len(rows), 7), dtype=np.float32)
        truth = dataset.expressions[rows]
        said = np.where([right(dataset.samples[row]) for row in rows], truth, (truth + 1) % 7)
        shares[np.arange(len(rows)), said] = 1
        columns = dataset.conditions[rows], truth
        run.fold(fold.number).mkdir()
        made = Predictions(dataset.ids[rows], np.full(len(rows), fold.number), *columns, shares)
        write(made, run.fold(fold.number) / "predictions.npz")
    return run


def test_that_scores_on_pairs_leave_out_images_whose_labels_disagree(opened):
    run = judge(opened, lambda sample: True)
    evidence = Evidence(opened.dataset())
    assert evidence.scores(run, paired=False)["nm"].n == 42
    assert evidence.scores(run, paired=True)["nm"].n == 41
    assert evidence.scores(run, paired=True)["m"].n == 41


def test_that_a_gain_on_every_person_is_sure_and_one_on_a_single_person_is_not(opened):
    none = judge(opened, lambda sample: False)
    fear = judge(opened, lambda sample: sample.expression == 1)
    one = judge(opened, lambda sample: sample.subject == "s3")
    evidence = Evidence(opened.dataset())
    low, high = evidence.gain(none, fear, "average", paired=True)
    assert 0 < low <= high < 0.3
    assert evidence.gain(fear, none, "average", paired=True) == (-high, -low)
    low, high = evidence.gain(none, one, "nm")
    assert low == 0 < high


def test_that_an_interval_of_a_mean_holds_95_of_100_of_its_resamples():
    """Of 400 people with one image each it is 1.96 standard errors wide to either side."""
    values = np.random.default_rng(0).normal(size=400)
    low, high = interval(values, np.zeros(400, dtype=np.int64), np.arange(400))
    error = values.std() / 20
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.06)  # of 90 %: 1.64


def test_that_a_table_on_rendered_faces_says_that_they_were_made_alike(opened, capsys):
    lines = ["file,strength"]
    for sample in opened.dataset().samples:
        lines.append(f"{sample.file.parent.name}/{sample.file.name},1")
    words = ["reproduce", "mix", "--study", str(opened.folder), "--preset", "quick", "--queue"]
    for expected in ([], [CAUTION]):
        with pytest.raises(SystemExit):
            main([*words, "--json"])
        assert json.loads(capsys.readouterr().out)["notes"] == expected
        table = opened.dataset().samples[0].file.parent.parent / "labels.csv"
        table.write_text("\n".join(lines), encoding="utf-8")
