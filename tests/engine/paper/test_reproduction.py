import json
from shutil import rmtree

import numpy as np
import pytest

from engine.cli import main
from engine.data.importing import inspect, save
from engine.domain import Failure
from engine.evaluation.scores import Score
from engine.paper.reproduction import (
    Gain,
    ReproductionRequest,
    cells,
    document,
    gains,
    lay_out,
    names,
    todo,
)
from engine.paper.tables import AVERAGE, TABLES
from engine.store.runs import runs_in
from engine.store.study import Study
from tests import drawings
from tests.engine.making import drawn_study

QUICK = ReproductionRequest("quick", changes={"epochs": 2, "drops": [1]})


@pytest.fixture
def study(tmp_path):
    with drawn_study(tmp_path) as study:
        yield study


class Made:
    """Evidence of runs that are right in 60 % non-masked, 40 masked, one method in ten more.

    On pairs alone every run is right in one point more.
    """

    def __init__(self, sure=True):
        self._sure = sure

    def scores(self, run, paired):
        more = 0.1 * (run.experiment.method == "contrastive") + 0.01 * paired
        recall = dict.fromkeys(TABLES["table6"].columns, 0.5)
        found = {"nm": 0.6 + more, "m": 0.4 + more, AVERAGE: 0.5 + more}
        return {
            name: Score(
                accuracy=share,
                sd=0.0,
                interval=(share - 0.1, share + 0.1),
                balanced=share,
                macro_f1=share,
                recall=recall,
                n=7,
                confusion=np.eye(7, dtype=int).tolist(),
            )
            for name, share in found.items()
        }

    def gain(self, first, other, column, paired):
        assert paired
        better = other.experiment.method == "contrastive"
        return (0.02, 0.18) if better and self._sure else (-0.08, 0.28)


class Nothing:
    """Before any fold is done."""

    def scores(self, run, paired):
        return {}


made = Made()


def test_that_an_unknown_table_is_named():
    with pytest.raises(Failure, match=r"table9.*table3, table4, mix, table5, table6, all"):
        names("table9")
    assert names("all") == list(TABLES)


def test_that_every_row_gets_a_run_and_the_second_time_the_same(study):
    first = lay_out(study, "table5", QUICK)
    labels = [line.row.label for line in first["table5"]]
    assert labels == ["ResNet-18", "CL", "KD", "RAN", "SCAN"]
    made = {run.id for run in runs_in(study.runs_folder)}
    assert len(made) == 6  # and KD's teacher
    again = lay_out(study, "table5", QUICK)
    assert [line.run.id for line in again["table5"]] == [line.run.id for line in first["table5"]]
    assert {run.id for run in runs_in(study.runs_folder)} == made


def test_that_tables_share_runs_and_teachers_come_first(study):
    lines = lay_out(study, "all", QUICK)
    shared = {(line.row.method, line.row.train, line.run.id) for t in lines.values() for line in t}
    assert len(shared) == len({(method, train) for method, train, _ in shared})
    order = [run.id for run in todo(lines)]
    assert len(order) == len(set(order)) == len(runs_in(study.runs_folder))
    student = next(line.run for line in lines["table5"] if line.row.label == "KD")
    assert order.index(student.experiment.teacher) < order.index(student.id)


def test_that_another_preset_makes_other_runs(study):
    quick = lay_out(study, "table3", QUICK)
    paper = lay_out(study, "table3", ReproductionRequest("paper", folds=2, changes={"epochs": 2}))
    assert {line.run.id for line in quick["table3"]}.isdisjoint(
        line.run.id for line in paper["table3"]
    )


def test_that_our_numbers_stand_beside_the_papers(study):
    lines = lay_out(study, "all", QUICK)
    line = lines["table5"][0]
    of_pairs = cells(TABLES["table5"], line, made)
    assert of_pairs["nm"].paper == 56.25
    assert of_pairs["nm"].ours == pytest.approx(61)  # on pairs
    assert of_pairs["nm"].interval == pytest.approx((51, 71))
    recalls = cells(TABLES["table6"], lines["table6"][0], made)
    assert recalls["fear"].paper == pytest.approx(46)
    assert recalls["fear"].ours == pytest.approx(50)
    better = {(g.label, g.column): g for g in gains(TABLES["table5"], lines["table5"], made)}
    assert better["CL", "m"][2:4] == pytest.approx((4.35, 10))
    assert better["KD", "m"][2:4] == pytest.approx((2.15, 0))
    said = document(lines, Nothing())
    assert said["table5"]["rows"][0]["cells"]["nm"] == {
        "paper": 56.25,
        "ours": None,
        "interval": None,
    }
    assert said["table5"]["presets"] == ["quick"]
    json.dumps(said)


def test_that_a_direction_is_told_only_where_the_interval_has_no_zero_in_it(study):
    lines = lay_out(study, "table5", QUICK)["table5"]
    sure, unsure = (
        {(g.label, g.column): g.verdict for g in gains(TABLES["table5"], lines, evidence)}
        for evidence in (made, Made(sure=False))
    )
    assert sure["CL", "m"] == sure["CL", "nm"] == "same direction"
    assert sure["KD", "m"] == "not distinguishable"
    assert set(unsure.values()) == {"not distinguishable"}
    assert Gain("RAN", "m", -2.0, 3.0, (1.0, 5.0)).verdict == "OTHER direction"
    assert Gain("RAN", "m", -2.0, -3.0, None).verdict == "not distinguishable"


def test_that_the_mix_baseline_is_laid_beside_the_papers():
    mix, nm, m = TABLES["mix"].rows
    assert (mix.values, mix.train, mix.method) == ({"nm": 55.88, "m": 44.15}, "mix", "baseline")
    assert nm.values["nm"] == TABLES["table3"].rows[0].values["nm"]
    assert m.values["m"] == TABLES["table4"].rows[0].values["m"]
    assert [name for name, table in TABLES.items() if table.paired] == ["table5"]


def test_that_recalls_are_those_that_the_paper_prints():
    printed = {
        "NM": (0.78, 0.46, 0.57, 0.81, 0.50, 0.59, 0.95),
        "M": (0.73, 0.15, 0.32, 0.47, 0.34, 0.43, 0.56),
        "Mix": (0.72, 0.27, 0.39, 0.68, 0.45, 0.48, 0.66),
        "CL": (0.61, 0.17, 0.55, 0.56, 0.30, 0.43, 0.77),
        "KD": (0.67, 0.16, 0.52, 0.53, 0.48, 0.38, 0.62),
    }
    titles = TABLES["table6"].columns
    shown = {r.label: tuple(r.values[title] for title in titles) for r in TABLES["table6"].rows}
    assert shown.keys() == printed.keys()
    for label, recalls in printed.items():
        assert shown[label] == pytest.approx([100 * one for one in recalls])


def test_the_command_that_queues(study, capsys):
    place = ["--study", str(study.folder), "--preset", "quick", "--set", "epochs=2"]
    with pytest.raises(SystemExit) as ended:
        main(["reproduce", "table3", *place, "--set", "drops=1", "--queue", "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert said["todo"] == [row["run"] for row in said["tables"]["table3"]["rows"]]
    assert {run.state() for run in runs_in(study.runs_folder)} == {"queued"}


def test_the_published_numbers():
    pairs = TABLES["table5"]
    for row in pairs.rows:
        mean = (row.values["nm"] + row.values["m"]) / 2
        slip = 0.2 if row.label == "RAN" else 0  # the paper's own, in a note
        assert row.values[AVERAGE] == pytest.approx(mean + slip, abs=0.011)


def test_that_nothing_is_made_of_what_cannot_be_made_whole(tmp_path):
    """Its first table could be, but the others need masked images or pairs."""
    faces = drawings.study(tmp_path / "faces", subjects=4, size=32)
    rmtree(faces / "MSD-ME")
    with Study(tmp_path / "study", create=True) as study:
        save(inspect(faces, study), study)
        for table, lacking in (("table5", "pairs of a non-masked and a masked"), ("all", "masked")):
            with pytest.raises(Failure, match=f"The study “study” has no {lacking} image"):
                lay_out(study, table, QUICK)
        assert runs_in(study.runs_folder) == []
        assert len(lay_out(study, "table3", QUICK)["table3"]) == 3
