"""``msde run``, ``runs``, ``stop``, ``resume``, ``discard``: the life of a run."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli._follow import exit_code, work_through
from engine.cli._options import Folds, Seed, Workers, number, pairs
from engine.cli._output import Json, Output, Shown, table
from engine.cli._run_reports import describe_run, find_scored, parts_done, run_document, score_table
from engine.evaluation import cautions
from engine.events import Logged
from engine.experiment.progress import RunProgress, follow
from engine.runs import launch
from engine.runs.queue import enqueue
from engine.runs.repair import repair as mend
from engine.runs.teachers import due, find_awaited
from engine.store.runs import Run, State, discard, find_run, runs_in
from engine.store.study import Study

PLACE = 40  # among the commands
if TYPE_CHECKING:
    from engine.runs.planning import PlannedRun

StudyFolder = Annotated[Path, typer.Option("--study", help="The study's folder.")]
RunName = Annotated[str, typer.Argument(help="A run's name or number, as `msde runs` lists them.")]
STOP_WITHIN = 12.0  # seconds


def add_to(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("runs")(list_runs)
    app.command("resume")(resume)
    app.command("stop")(stop)
    app.command("discard")(throw_away)


def run(
    study: StudyFolder,
    method: Annotated[str, typer.Option(help="One of `msde methods`.")],
    train: Annotated[str, typer.Option(help="nm, m, mix or pairs.")] = "",
    preset: Annotated[str, typer.Option(help="One that `msde methods` lists.")] = "paper",
    seed: Seed = 0,
    folds: Folds = 0,
    fold_file: Annotated[Path | None, typer.Option(help="Folds exported before.")] = None,
    dataset: Annotated[str, typer.Option(help="One import alone; empty: all.")] = "",
    weights: Annotated[
        str, typer.Option(help="Start from a weight file, or from imagenet; see `msde weights`.")
    ] = "",
    teacher: Annotated[
        str, typer.Option(help="A finished run to learn from; empty: one that fits, or a new one.")
    ] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, such as epochs=5; repeatable.")
    ] = None,
    precision: Annotated[
        str, typer.Option(help="bf16, fp32, or auto for the one that is faster here.")
    ] = "",
    workers: Workers = "auto",
    queue: Annotated[bool, typer.Option("--queue", help="Only make the run; start later.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whether it can be done, and who teaches.")
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """Train and test a method under subject-independent cross-validation."""
    from engine.runs.planning import RunRequest, foresee, plan

    side_by_side = number(workers)
    of_settings = pairs(changes or []) | ({"precision": precision} if precision else {})
    choices = RunRequest(
        method=method,
        train=train,
        preset=preset,
        seed=seed,
        folds=folds,
        fold_file=fold_file,
        dataset=dataset,
        changes=of_settings,
        weights=weights,
        teacher=teacher,
    )
    with Study(study) as opened:
        if dry_run:
            foreseen = foresee(opened, choices)
            warned = cautions.find_known(opened, foreseen.experiment, foreseen.protocol)
            return _foretell(foreseen, warned, as_json)
        made = plan(opened, choices)
        warned = cautions.find_known(opened, made.experiment, made.protocol)
    if not queue:
        return _work(made, side_by_side, as_json, progress)
    told = f"{made.id} is queued."
    if find_awaited(made):
        told += f" It waits for its teacher, {made.experiment.teacher}."
    document = {"run": made.id, "state": made.state(), "teacher": made.experiment.teacher}
    Output(as_json).answer({**document, "warnings": warned}, told, *warned)
    return 0


def resume(
    name: RunName,
    study: StudyFolder,
    workers: Workers = "auto",
    repair: Annotated[
        bool, typer.Option("--repair", help="Make again what its folds have lost.")
    ] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Only put it in the queue.")] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> int:
    """Go on with a run that was queued, stopped, interrupted or failed, its teacher first."""
    side_by_side = number(workers)
    with Study(study) as opened:
        opened.dataset()  # a study from elsewhere asks for trust before the run begins
        found = find_run(opened.runs_folder, name)
    lost = _repair(found) if repair else []
    for sentence in lost:
        Output(as_json, progress).report(Logged(sentence))
    whole = repair and found.state() is State.FINISHED
    if queue and not whole:
        enqueue(found)
    if queue or whole:
        told = f"{found.id} is {found.state()}" + ("; nothing of it is lost." if whole else ".")
        Output(as_json).answer({**run_document(found), "repaired": lost}, told)
        return 0
    return _work(found, side_by_side, as_json, progress)


def list_runs(study: StudyFolder, as_json: Json = False) -> None:
    """List the study's runs and how far each has come."""
    with Study(study) as opened:
        found = runs_in(opened.runs_folder)
    documents = [describe_run(one) for one in found]
    columns = ("run", "state", "preset", "seed", "teacher", "progress")  # a run's id has the rest
    rows = [(*(d.get(c, "") for c in columns[:-1]), f"{d['progress']:.0%}") for d in documents]
    Output(as_json).answer({"runs": documents}, table("", columns, rows))


def stop(
    name: RunName,
    study: StudyFolder,
    force: Annotated[bool, typer.Option("--force", help="End it at once.")] = False,
    as_json: Json = False,
) -> int:
    """Stop a run after its current batch; nothing is lost, `msde resume` goes on."""
    found = _find(study, name)
    (launch.force if force else launch.stop)(found)
    patience = time.monotonic() + STOP_WITHIN
    while found.worker() is not None and time.monotonic() < patience:
        time.sleep(0.1)
    state = found.state()
    Output(as_json).answer({"run": found.id, "state": state}, f"{found.id} is {state}.")
    return 1 if state.alive else 0


def throw_away(name: RunName, study: StudyFolder, as_json: Json = False) -> None:
    """Move a run to the trash."""
    found = _find(study, name)
    discard(found)
    Output(as_json).answer({"run": found.id, "state": "discarded"}, f"{found.id} is in the trash.")


def _repair(found: Run) -> list[str]:
    """Clear away what is damaged, also networks that the run's architecture does not take."""
    from engine.inference.networks import load

    fold_of = {found.fold(fold.number): fold.number for fold in found.protocol.folds}
    return mend(found, lambda file: load(found, fold_of[file.parent]))


def _foretell(foreseen: "PlannedRun", warnings: list[str], as_json: bool) -> int:
    """Answer what would be trained, without making it."""
    experiment, teacher = foreseen.experiment, taught_by(foreseen)
    told = f"{experiment.method} on {experiment.train}, {experiment.folds} folds, can be trained."
    known = foreseen.teacher.run if foreseen.teacher else None
    document = {"run": "", "state": "", "teacher": known.id if known else "", "taught": teacher}
    shown = f"{told} {teacher}".strip()
    Output(as_json).answer({**document, "warnings": warnings}, shown, *warnings)
    return 0


def taught_by(foreseen: "PlannedRun") -> str:
    """Who would teach it, as a sentence; empty for those that learn from the images alone."""
    teacher = foreseen.teacher
    if teacher is None:
        return ""
    if teacher.run is None:
        needed = teacher.experiment
        told = f"Its teacher, {needed.method} on {needed.train}, is trained first. {teacher.why}"
        return told.rstrip()
    state = teacher.run.state()
    end = "is finished" if state is State.FINISHED else f"is {state} and comes first"
    return f"Its teacher, {teacher.run.id}, {end}. {teacher.why}".rstrip()


def _work(found: Run, workers: int, as_json: bool, progress: str) -> int:
    """Work on the run, after its teacher if that is not finished, and answer."""
    runs, output = due(found), Output(as_json, progress)
    for teacher in runs[:-1]:
        output.report(Logged(f"{teacher.id} comes first: it is the teacher of {found.id}."))
    last = work_through(runs, workers, as_json, progress)
    state, document = last.state(), run_document(found)
    reason = last.failure()
    if last != found:
        reason = f"Its teacher, {last.id}, is {state}. {reason}".strip()
    told = f"{found.id} is {found.state()}. {reason}".strip()
    warned = follow(RunProgress(), found.events()).told
    document |= {"error": reason, "warnings": list(dict.fromkeys(warned))}
    output.answer(document, told, score_table([find_scored(found)]), *parts_done([found]))
    return exit_code(state)


def _find(study: Path, name: str) -> Run:
    with Study(study) as opened:
        return find_run(opened.runs_folder, name)
