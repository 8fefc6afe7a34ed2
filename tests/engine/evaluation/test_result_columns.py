from engine.evaluation.result_columns import COLUMNS, csv_rows, terminal_columns, window_columns
from engine.evaluation.run_scores import ScoredRun
from engine.evaluation.scores import Score

TABLE = [[0] * 7 for _ in range(7)]
NM = Score(0.581, 0.029, (0.5, 0.625), 0.512, 0.5, {"fear": 0.75}, 80, TABLE)
RUN = ScoredRun("007", "baseline", "pairs", "paper", 3, "stopped", 2, 10, {"nm": NM})
ABOUT = ["007", "paper", "baseline", "pairs", 3, "stopped", "2/10"]


def shown(columns, run=RUN):
    return {column.key: column.text(run) for column in columns}


def test_that_csv_has_a_row_for_each_condition_and_nothing_for_what_is_unknown():
    head, row = csv_rows([RUN])
    assert head[:8] == ["run", "preset", "method", "train", "seed", "state", "folds", "condition"]
    assert row[:8] == [*ABOUT, "nm"]
    known = dict(zip(head, row, strict=True))
    assert (known["accuracy"], known["sd"], known["n"]) == (0.581, 0.029, 80)
    assert (known["low"], known["high"]) == (0.5, 0.625)
    assert (known["recall_fear"], known["recall_sad"]) == (0.75, None)
    assert head.index("accuracy") < head.index("sd") < head.index("low") < head.index("balanced")


def test_that_an_accuracy_has_its_spread_unless_it_is_of_one_fold():
    assert shown(window_columns())["nm"] == "58.1 ± 2.9"
    alone = ScoredRun(**{**vars(RUN), "done": 1})
    assert shown(terminal_columns(), alone)["nm"] == "58.1"


def test_that_what_is_not_known_of_a_run_is_a_dash():
    texts = shown(window_columns(), ScoredRun(**{**vars(RUN), "scores": {}, "done": 0}))
    assert {texts[key] for key in ("nm", "m", "average", "balanced", "macro_f1")} == {"–"}
    assert (texts["done"], texts["standing"]) == ("0/10", "stopped")
    assert shown(window_columns())["balanced"] == "–"  # there is no average


def test_that_columns_have_keys_of_their_own():
    keys = [column.key for column in COLUMNS]
    assert len(keys) == len(set(keys))
