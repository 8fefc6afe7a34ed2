import json
from shutil import rmtree

import pytest

from benchmarks import drawings
from engine.cli import main
from engine.domain import Failure
from engine.importing import inspect, save
from engine.published import AVERAGE, TABLES
from engine.reproduction import Wanted, cells, document, gains, lay_out, names, todo
from engine.store.runs import runs_in
from engine.store.study import Study
from tests.engine.making import drawn_study

QUICK = Wanted("quick", changes={"epochs": 2, "drops": [1]})


@pytest.fixture
def study(tmp_path):
    with drawn_study(tmp_path) as study:
        yield study


def scores(run):
    """Of a run that is right in 60 % non-masked, 40 masked; one method is ten points better."""
    more = 0.1 * (run.experiment.method == "contrastive")
    recall = dict.fromkeys(TABLES["table6"].columns, 0.5)
    found = {"nm": 0.6 + more, "m": 0.4 + more, AVERAGE: 0.5 + more}
    return {
        k: {"accuracy": v, "interval": (v - 0.1, v + 0.1), "recall": recall}
        for k, v in found.items()
    }


def test_that_an_unknown_table_is_named():
    with pytest.raises(Failure, match=r"table9.*table3, table4, table5, table6, all"):
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
    paper = lay_out(study, "table3", Wanted("paper", folds=2, changes={"epochs": 2}))
    assert {line.run.id for line in quick["table3"]}.isdisjoint(
        line.run.id for line in paper["table3"]
    )


def test_that_our_numbers_stand_beside_the_papers(study):
    lines = lay_out(study, "all", QUICK)
    line = lines["table5"][0]
    of_pairs = cells(line, TABLES["table5"].columns, scores)
    assert of_pairs["nm"].paper == 56.25
    assert of_pairs["nm"].ours == pytest.approx(60)
    assert of_pairs["nm"].interval == pytest.approx((50, 70))
    recalls = cells(lines["table6"][0], TABLES["table6"].columns, scores)
    assert recalls["fear"].paper == pytest.approx(46)
    assert recalls["fear"].ours == pytest.approx(50)
    better = {
        (label, column): (p, o) for label, column, p, o in gains("table5", lines["table5"], scores)
    }
    assert better["CL", "m"] == pytest.approx((4.35, 10))
    assert better["KD", "m"] == pytest.approx((2.15, 0))
    said = document(lines, lambda run: {})
    assert said["table5"]["rows"][0]["cells"]["nm"] == {
        "paper": 56.25,
        "ours": None,
        "interval": None,
    }
    assert said["table5"]["presets"] == ["quick"]
    json.dumps(said)


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
