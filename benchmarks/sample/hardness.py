"""Train ResNet-18 from scratch on the study, and judge whether it is as hard as MSD-E.

112 px, 18 epochs, Adam at 1e-3 divided by ten after 9 and 13, batches of 32, three
subject-independent folds. Each training choice is tested on both conditions. Both conditions
together have twice the images and so twice the steps: ``--train mix --epochs 9 --set drops=5,7``
has as many steps as the others.
"""

import argparse
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.sample.goals import PAPER, RECALL, TESTED, Scores, judge, likeness
from benchmarks.sample.outcome import Outcome, goal_table, percent, with_interval
from engine.cli._output import table
from engine.domain import Expression
from engine.experiment.experiment import plain

PROTOCOL = {"batch": 32, "trunk_rate": 1e-3, "head_rate": 1e-3, "drops": (9, 13)}
CONFUSED = 6  # pairs of expressions that are listed


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", nargs="+", choices=list(TESTED), default=list(TESTED))
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--only-fold", type=int, nargs="+", default=[], help="counted from 1")
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--size", type=int, default=112, help="px")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="as `msde run`")
    parser.add_argument("--workers", type=int, default=0, help="folds side by side; 0: one a core")
    parser.add_argument("--study", type=Path, help="keep the study here, to open it in the window")


def measure(chosen: argparse.Namespace) -> Outcome:
    # Not above: torch takes seconds to import, and the other instruments do without.
    from benchmarks.sample.training import Task, trained

    given = dict(pair.partition("=")[::2] for pair in chosen.set)
    changes: dict[str, Any] = {**PROTOCOL, "epochs": chosen.epochs, "size": chosen.size}
    changes |= {key: plain(text) for key, text in given.items()}
    task = Task(chosen.train, chosen.folds, chosen.only_fold, chosen.seed, chosen.workers, changes)
    with ExitStack() as stack:
        place = chosen.study or stack.enter_context(tempfile.TemporaryDirectory())
        scores = trained(chosen.folder, Path(place), task)
    return shown(scores)


def shown(scores: Scores) -> Outcome:
    """The scores beside the paper's, and the goals they meet."""
    goals = judge(scores)
    confused = {train: confusions(scores[train], TESTED[train]) for train in scores}
    document = {
        "scores": scores,
        "paper": {f"{train} on {tested}": share for (train, tested), share in PAPER.items()},
        "paper_recall": RECALL,
        "confusions": confused,
        "goals": [asdict(goal) for goal in goals],
    }
    tables = [_accuracies(scores), _recalls(scores)]
    tables += [_confused(train, rows) for train, rows in confused.items()]
    return Outcome(document, (*tables, goal_table(goals)))


def confusions(scores: Mapping[str, Any], tested: str) -> list[dict[str, Any]]:
    """Pairs of expressions, the most confused first: the share of their images that swap."""
    counts = np.array(scores[tested]["confusion"], dtype=np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    pairs = [
        {
            "pair": [one.title, other.title],
            "share": (share[one, other] + share[other, one]) / 2,
            "as_other": share[one, other],
            "as_one": share[other, one],
        }
        for one, other in combinations(Expression, 2)
    ]
    return sorted(pairs, key=lambda pair: -float(pair["share"]))


def _accuracies(scores: Scores) -> Table:
    rows = []
    for train, found in scores.items():
        cells = []
        for tested in ("nm", "m"):
            score = found[tested]
            paper = PAPER.get((train, tested))
            cells.append(with_interval(score["accuracy"], score["interval"]))
            cells.append(percent(paper) if paper else "–")
        rows.append((train, *cells))
    columns = ("trained on", "NM", "paper", "M", "paper")
    return table("Accuracy in %, with the 95 % interval over subjects", columns, rows)


def _recalls(scores: Scores) -> Table:
    rows: list[tuple[str, ...]] = []
    for expression in Expression:
        cells = []
        for train in scores:
            found = scores[train][TESTED[train]]["recall"].get(expression.title, float("nan"))
            cells += [percent(found), percent(RECALL[train][expression])]
        rows.append((expression.title, *cells))
    alike = [likeness(scores[train][TESTED[train]]["recall"], RECALL[train]) for train in scores]
    last = [cell for value in alike for cell in (f"{value:.2f}", "–")]
    columns = [cell for train in scores for cell in (f"{train} → {TESTED[train]}", "paper")]
    rows.append(("rank correlation", *last))
    return table("Recall in %", ("expression", *columns), rows)


def _confused(train: str, pairs: list[dict[str, Any]]) -> Table:
    rows = []
    for pair in pairs[:CONFUSED]:
        one, other = pair["pair"]
        cells = [percent(pair[key]) for key in ("share", "as_other", "as_one")]
        rows.append((f"{one} – {other}", *cells))
    columns = ("pair", "%", "first as second", "second as first")
    return table(f"Most confused, trained on {train}, tested on {TESTED[train]}", columns, rows)
