"""Studies of which one thing is damaged, as a crash, a disk or a stranger may leave them.

Each function damages the second run of a copy of one small study; what comes of it is declared
beside it: ``ROW`` is a run that is one row saying why, ``SCORES`` a run whose predictions cannot be
read, ``CLOSED`` a study that cannot be opened, ``WHOLE`` one in which all is shown as before.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np

from engine.store.runs import Run, runs_in
from engine.store.study import Study
from tests.msde_gui import making

ROW, SCORES, CLOSED, WHOLE = "row", "scores", "closed", "whole"
DAMAGES = {}  # by name: the function and what comes of it


def comes(outcome):
    def named(damage):
        DAMAGES[damage.__name__] = damage, outcome
        return damage

    return named


def base(folder):
    """Two finished runs of two folds; no image is on the disk."""
    making.study_in(folder, subjects=4)
    with Study(folder) as study:
        for seed in (0, 1):
            run = making.run_in(folder, folds=2, seed=seed)
            making.train(run, study.dataset(), epochs=1)
    return folder


def damaged(base, folder, name):
    """A copy of the base with this damage."""
    shutil.copytree(base, folder)
    DAMAGES[name][0](runs_in(folder / "runs")[1])
    return folder


def rewrite(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def say(run, *lines):
    """Lines of the log, after those that are there."""
    with run.events_file.open("ab") as log:
        for line in lines:
            log.write(line if isinstance(line, bytes) else json.dumps(line).encode())
            log.write(b"\n")


def predict(run, **changes):
    """Other columns in the first fold's predictions."""
    file = run.fold(0) / "predictions.npz"
    with np.load(file) as stored:
        columns = {name: stored[name] for name in stored.files}
    for name, change in changes.items():
        columns[name] = change(columns[name].copy())
    np.savez(file, **columns)


def changed(values, first):
    values[0] = first
    return values


def unfinished(run):
    (run.fold(1) / "predictions.npz").unlink()


def database(run):
    return run.study_folder / "study.sqlite"


# the study


@comes(CLOSED)
def page_of_the_database(run):
    content = bytearray(database(run).read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    database(run).write_bytes(content)


@comes(CLOSED)
def database_of_text(run):
    database(run).write_text("no database\n" * 1000)


@comes(WHOLE)
def runs_are_a_file(run):
    shutil.rmtree(run.folder.parent)
    run.folder.parent.write_text("no folder")


@comes(WHOLE)
def runs_are_a_link_to_themselves(run):
    shutil.rmtree(run.folder.parent)
    run.folder.parent.symlink_to(run.folder.parent)


# experiment.json


@comes(ROW)
def experiment_empty(run):
    (run.folder / "experiment.json").write_bytes(b"")


@comes(ROW)
def experiment_gone(run):
    (run.folder / "experiment.json").unlink()


@comes(ROW)
def experiment_a_list(run):
    (run.folder / "experiment.json").write_text("[1, 2]")


@comes(ROW)
def experiment_nested_deeply(run):
    (run.folder / "experiment.json").write_text("[" * 100_000)


@comes(ROW)
def experiment_a_folder(run):
    (run.folder / "experiment.json").unlink()
    (run.folder / "experiment.json").mkdir()


@comes(ROW)
def experiment_that_waits(run):
    (run.folder / "experiment.json").unlink()
    os.mkfifo(run.folder / "experiment.json")


@comes(ROW)
def experiment_of_half_a_character(run):
    rewrite(run.folder / "experiment.json", preset="\ud800")


@comes(ROW)
def experiment_of_types(run):
    rewrite(run.folder / "experiment.json", seed={}, settings=3, training="x")


@comes(ROW)
def experiment_of_many_folds(run):
    rewrite(run.folder / "experiment.json", folds=300_000_000)


@comes(ROW)
def experiment_of_a_gigantic_name(run):
    rewrite(run.folder / "experiment.json", preset="x" * 17_000_000)


@comes(ROW)
def experiment_without_devices(run):
    rewrite(run.folder / "experiment.json", devices=[])


@comes(ROW)
def teacher_elsewhere(run):
    rewrite(run.folder / "experiment.json", teacher="../../x")


@comes(WHOLE)
def teacher_of_itself(run):
    unfinished(run)
    rewrite(run.folder / "experiment.json", teacher=run.id)


@comes(WHOLE)
def teachers_in_a_circle(run):
    first = runs_in(run.folder.parent)[0]
    for one, other in ((run, first), (first, run)):
        unfinished(one)
        rewrite(one.folder / "experiment.json", teacher=other.id)


@comes(WHOLE)
def unknown_method_and_preset(run):
    rewrite(run.folder / "experiment.json", method="teleport", preset="none", train="pairs")


# folds.json


@comes(ROW)
def folds_of_nobody(run):
    rewrite(run.folder / "folds.json", folds=[])


@comes(ROW)
def folds_empty(run):
    rewrite(run.folder / "folds.json", folds=[["S00"], []])


@comes(ROW)
def folds_that_share_a_subject(run):
    rewrite(run.folder / "folds.json", folds=[["S00", "S01"], ["S01", "S02"]])


@comes(ROW)
def folds_without_end(run):
    rewrite(run.folder / "folds.json", folds=[[str(n)] for n in range(5_000)])


@comes(ROW)
def folds_gone(run):
    (run.folder / "folds.json").unlink()


@comes(ROW)
def folds_of_numbers(run):
    rewrite(run.folder / "folds.json", folds=[[1.5], [True]], seed=-1)


# heartbeat, failed.json, scores.json, stop


@comes(WHOLE)
def heartbeat_of_a_huge_process(run):
    (run.folder / "heartbeat").write_text('{"pid": 1e30, "started": NaN, "host": []}')


@comes(WHOLE)
def heartbeat_of_a_negative_process(run):
    run.beat()
    rewrite(run.folder / "heartbeat", pid=-1)


@comes(WHOLE)
def heartbeat_a_folder(run):
    (run.folder / "heartbeat").mkdir()


@comes(WHOLE)
def failed_for_no_reason(run):
    unfinished(run)
    (run.folder / "failed.json").write_text('{"message": ["x"]}')


@comes(WHOLE)
def failed_a_list(run):
    unfinished(run)
    (run.folder / "failed.json").write_text("[]")


@comes(WHOLE)
def scores_a_list(run):
    (run.folder / "scores.json").write_text("[]")


@comes(WHOLE)
def scores_of_half_a_table(run):
    rewrite(run.folder / "scores.json", nm={"accuracy": 0.5}, average=None)


@comes(WHOLE)
def scores_that_cannot_be(run):
    scores = json.loads((run.folder / "scores.json").read_text("utf-8"))
    rewrite(run.folder / "scores.json", nm=scores["nm"] | {"accuracy": 1e300, "interval": None})


@comes(WHOLE)
def stop_a_folder(run):
    run.stop_file.mkdir()


# events.jsonl


@comes(WHOLE)
def events_of_wrong_types(run):
    epoch = {"fold": 0, "epoch": "x", "progress": [], "losses": 3, "train_accuracy": None}
    say(run, {"event": "EpochEnded", **epoch, "test_accuracy": "y", "seconds": {}})
    say(run, {"event": "FoldStarted", "fold": None, "epoch": "1", "images": True}, [], 3, None)


@comes(WHOLE)
def events_of_many_folds(run):
    started = {"epochs": 1, "device": "cpu", "precision": "fp32", "workers": 1}
    for folds in (300_000_000, -1, 0, 10**30):
        say(run, {"event": "RunStarted", "folds": folds, **started})
    say(run, {"event": "RunStarted", "folds": 2, **started, "workers": 300_000_000})


@comes(WHOLE)
def events_out_of_range(run):
    say(run, {"event": "BatchEnded", "fold": 0, "epoch": -5, "progress": 1e300})
    say(run, {"event": "FoldEnded", "fold": 0, "accuracy": {"nm": float("nan")}, "seconds": 1e999})


@comes(WHOLE)
def events_of_bytes(run):
    say(
        run,
        b"\xff\xfe\x00" * 50,
        b"\x00" * 50,
        b"[" * 100_000,
        b'{"event": "\\ud800"}',
        b"1" * 5000,
    )


@comes(WHOLE)
def events_of_one_endless_line(run):
    run.events_file.write_bytes(run.events_file.read_bytes() + b"x" * (3 * 2**20))


@comes(WHOLE)
def events_of_ten_thousand_starts(run):
    started = {"event": "RunStarted", "folds": 1000, "epochs": 1, "device": "", "precision": ""}
    say(run, *[started | {"workers": 1, "folds": 1 + 999 * (n % 2)} for n in range(10_000)])


@comes(ROW)
def events_a_folder(run):
    run.events_file.unlink()
    run.events_file.mkdir()


@comes(ROW)
def events_that_wait(run):
    run.events_file.unlink()
    os.mkfifo(run.events_file)


@comes(ROW)
def events_without_end(run):
    run.events_file.unlink()
    run.events_file.symlink_to("/dev/zero")


# predictions.npz


@comes(SCORES)
def predictions_empty(run):
    (run.fold(0) / "predictions.npz").write_bytes(b"")


@comes(SCORES)
def predictions_of_no_number(run):
    predict(run, probabilities=lambda shares: changed(shares, np.nan))


@comes(SCORES)
def predictions_below_nothing(run):
    predict(run, probabilities=lambda shares: changed(shares, [-1, 2, 0, 0, 0, 0, 0]))


@comes(SCORES)
def predictions_of_another_sum(run):
    predict(run, probabilities=lambda shares: shares / 2)


@comes(SCORES)
def predictions_of_other_types(run):
    predict(run, probabilities=lambda shares: shares.astype(np.float64))


@comes(SCORES)
def predictions_of_other_folds(run):
    predict(run, folds=lambda folds: folds + 7)


@comes(SCORES)
def predictions_of_one_sample_twice(run):
    predict(run, samples=lambda samples: changed(samples, samples[1]))


@comes(SCORES)
def predictions_of_one_sample_in_two_folds(run):
    with np.load(run.fold(1) / "predictions.npz") as stored:
        other = stored["samples"][0]
    predict(run, samples=lambda samples: changed(samples, other))


@comes(SCORES)
def predictions_of_no_expression(run):
    predict(run, expressions=lambda values: changed(values, 99))


@comes(SCORES)
def predictions_of_other_lengths(run):
    predict(run, conditions=lambda values: values[:-1])


@comes(SCORES)
def predictions_of_nobody(run):
    names = ("samples", "folds", "conditions", "expressions", "probabilities")
    predict(run, **dict.fromkeys(names, lambda values: values[:0]))


@comes(SCORES)
def predictions_a_folder(run):
    unfinished(run)
    (run.fold(1) / "predictions.npz").mkdir()


@comes(WHOLE)
def fold_a_file(run):
    shutil.rmtree(run.fold(1))
    run.fold(1).write_text("no folder")


# the run's folder


@comes(WHOLE)
def run_a_file(run):
    shutil.rmtree(run.folder)
    run.folder.write_text("no folder")


@comes(WHOLE)
def worker_log_that_waits(run):
    unfinished(run)
    (run.folder / "failed.json").write_text('{"message": "It failed."}')
    os.mkfifo(run.folder / "worker.log")


@comes(WHOLE if os.geteuid() == 0 else ROW)
def plan_that_nobody_may_read(run):
    (run.folder / "experiment.json").chmod(0)


@comes(WHOLE)
def names_that_paint(run):
    rewrite(run.folder / "experiment.json", preset="\x1b[31m\x07", dataset="<b>x</b>")


def second(folder: Path) -> Run | None:
    """The run that was damaged, if it is still one."""
    return next((run for run in runs_in(folder / "runs") if run.id.startswith("002")), None)
