"""The accuracies that the paper gives, table by table, and the runs that would make them.

*Masked Student Dataset of Expressions* (ICVGIP 2022), Tables 3 to 6 and text: ten
subject-independent folds; accuracies in percent, recalls as shares. A value that the paper does
not give is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain import Condition, Expression
from engine.experiment.experiment import TrainOn

NM, M, AVERAGE = Condition.NON_MASKED.short, Condition.MASKED.short, "average"


@dataclass(frozen=True)
class PaperRow:
    """One line of a table: who was trained on what, and what the paper says came of it."""

    label: str
    method: str
    train: TrainOn
    values: Mapping[str, float]  # by column: what was tested, or an expression
    tested: str = ""  # of recalls: on which images
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class PaperTable:
    title: str
    columns: tuple[str, ...]
    rows: tuple[PaperRow, ...]
    notes: tuple[str, ...] = ()
    paired: bool = False  # tested on pairs alone, both of whose labels agree: the paper's MSD-PE


def _recalls(*values: float) -> dict[str, float]:
    return {e.title: 100 * value for e, value in zip(Expression, values, strict=True)}


TABLES: Mapping[str, PaperTable] = {
    "table3": PaperTable(
        "Table 3: trained and tested on non-masked faces",
        (NM,),
        (
            PaperRow("ResNet-18", "baseline", "nm", {NM: 65.35}),
            PaperRow("RAN", "ran", "nm", {NM: 61.55}),
            PaperRow("SCAN", "scan", "nm", {NM: 66.41}),
        ),
        ("The paper's SCAN was pretrained on AffectNet, its other networks on MS-Celeb faces.",),
    ),
    "table4": PaperTable(
        "Table 4: trained and tested on masked faces",
        (M,),
        (
            PaperRow("ResNet-18", "baseline", "m", {M: 45.854}),
            PaperRow("RAN", "ran", "m", {M: 39.41}),
            PaperRow("SCAN", "scan", "m", {M: 49.29}),
        ),
        ("The paper's SCAN was pretrained on AffectNet, its other networks on MS-Celeb faces.",),
    ),
    "mix": PaperTable(
        "Mix: trained on both conditions, against one condition alone",
        (NM, M),
        (
            PaperRow("Mix", "baseline", "mix", {NM: 55.88, M: 44.15}),
            PaperRow("NM", "baseline", "nm", {NM: 65.35}),
            PaperRow("M", "baseline", "m", {M: 45.854}),
        ),
        (
            "The paper's main finding on its baseline, from its text and Tables 3 and 4: masks "
            "among the training images cost 9.5 points on non-masked faces.",
        ),
    ),
    "table5": PaperTable(
        "Table 5: trained on pairs, tested on both conditions",
        (NM, M, AVERAGE),
        (
            PaperRow("ResNet-18", "baseline", "pairs", {NM: 56.25, M: 43.71, AVERAGE: 49.98}),
            PaperRow("CL", "contrastive", "pairs", {NM: 60.01, M: 48.06, AVERAGE: 54.03}),
            PaperRow("KD", "distillation", "pairs", {NM: 57.63, M: 45.86, AVERAGE: 51.74}),
            PaperRow("RAN", "ran", "pairs", {NM: 60.89, M: 41.54, AVERAGE: 51.42}),
            PaperRow("SCAN", "scan", "pairs", {NM: 65.01, M: 57.29, AVERAGE: 61.15}),
        ),
        (
            "RAN's average is printed as 51.42; its two numbers make 51.22.",
            "The text says CL gains 3.09 masked, 4.13 non-masked; the table gives 4.35 and 3.76.",
            "The text says SCAN reaches 55 %, 7.4 above CL; the table gives 57.29, 9.23 above.",
            "Tested on pairs alone, as the paper's MSD-PE: 1,714 of its 1,960 images.",
        ),
        paired=True,
    ),
    "table6": PaperTable(
        "Table 6: recall by expression",
        tuple(expression.title for expression in Expression),
        (
            PaperRow(
                "NM", "baseline", "nm", _recalls(0.78, 0.46, 0.57, 0.81, 0.50, 0.59, 0.95), NM
            ),
            PaperRow("M", "baseline", "m", _recalls(0.73, 0.15, 0.32, 0.47, 0.34, 0.43, 0.56), M),
            PaperRow("Mix", "baseline", "mix", _recalls(0.72, 0.27, 0.39, 0.68, 0.45, 0.48, 0.66)),
            PaperRow(
                "CL", "contrastive", "pairs", _recalls(0.61, 0.17, 0.55, 0.56, 0.30, 0.43, 0.77)
            ),
            PaperRow(
                "KD", "distillation", "pairs", _recalls(0.67, 0.16, 0.52, 0.53, 0.48, 0.38, 0.62)
            ),
        ),
        (
            "The paper does not say which images Mix, CL and KD are tested on; here it is both.",
            "Weighted by the counts of the expressions, the recalls printed for NM and M make 69.7 "
            "and 43.3 %; Tables 3 and 4 say 65.35 and 45.85.",
        ),
    ),
}
