"""``msde weights``: what of a weight file fits a network, without training anything."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from engine.cli._output import Json, Output, table

PLACE = 120  # among the commands
if TYPE_CHECKING:
    from engine.pretrained.matching import Report

SHOWN = 3  # names of each kind
PLAIN = "resnet18"


def add_to(app: typer.Typer) -> None:
    app.command("weights")(weights)


def weights(
    file: Annotated[str, typer.Argument(help="A weight file, or a name such as imagenet.")],
    network: Annotated[
        str,
        typer.Option(help=f"The architecture to fill; empty: that of a name, else {PLAIN}."),
    ] = "",
    as_json: Json = False,
) -> int:
    """Report which tensors of a weight file fit a network; nothing is trained."""
    from engine.networks.base import build, check_name
    from engine.pretrained.matching import examine
    from engine.pretrained.source import locate, meant_for

    network = network or meant_for(file) or PLAIN
    try:
        check_name(network)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--network") from None
    report = examine(build(network), locate(file, network))
    document = {"network": network, **asdict(report), "loads": not report.refusal}
    verdict = report.refusal or _describe_taken(report, network)
    Output(as_json).answer(document, _lay_out(report), verdict)
    return 1 if report.refusal else 0


def _describe_taken(report: "Report", network: str) -> str:
    share = f"They load: {100 * report.share:.0f} % of the trunk of {network}"
    under = f", of what begins with {report.prefix}" if report.prefix else ""
    others = " and ".join(report.others)
    return share + under + (f"; {others} would fill as much." if others else ".")


def _lay_out(report: "Report") -> Table:
    misfits = [f"{m.name}: {_size(m.found)} for {_size(m.needed)}" for m in report.mismatched]
    rows = [
        ("matched", len(report.matched), _some(report.matched)),
        ("missing", len(report.missing), _some(report.missing)),
        ("of another shape", len(misfits), _some(misfits)),
        ("left out", len(report.left_out), _some(report.left_out)),
    ]
    return table(f"{report.file} by {report.layout}", ("tensors", "number", "such as"), rows)


def _size(shape: Sequence[int]) -> str:
    return " × ".join(str(side) for side in shape) or "one value"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[-SHOWN:])
