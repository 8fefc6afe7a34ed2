"""Which run must be finished before another can start: its teacher, of the very same folds."""

from engine.domain import Failure
from engine.experiment.folds import Protocol
from engine.store.runs import Run, State
from engine.store.trained_folds import check_learnt


def find_awaited(run: Run) -> Run | None:
    """The teacher that ``run`` still waits for; nothing if it can start, or is done."""
    teacher = run.teacher
    if teacher is None or run.state() is State.FINISHED:
        return None
    return None if _is_finished(teacher) else teacher


def due(run: Run) -> list[Run]:
    """What is to be worked on, in order, until ``run`` is finished; ``run`` itself comes last.

    Raises ``Failure`` if a teacher has been discarded, or learns from its own student.
    """
    order = [run]
    while (teacher := find_awaited(order[0])) is not None:
        _require(order[0], teacher)
        if teacher in order:
            raise Failure(f"Run {run.id} waits for itself: discard its teacher, run {teacher.id}.")
        order.insert(0, teacher)
    return order


def check_teacher(run: Run) -> None:
    """Raise ``Failure`` unless the run's teacher, if it needs one, can teach it now."""
    teacher = run.teacher
    if teacher is None:
        return
    _require(run, teacher)
    check_folds(teacher, run.protocol)
    if teacher.state() is not State.FINISHED:
        raise Failure(
            f"Run {run.id} waits for its teacher, run {teacher.id}, which is {teacher.state()}: "
            "finish that one first."
        )


def check_folds(teacher: Run, protocol: Protocol) -> None:
    """Raise ``Failure`` unless each fold of ``protocol`` has a network of ``teacher`` to itself.

    Its folds must be those that its networks were trained on, whatever its file says now.
    """
    check_learnt(teacher)
    if teacher.protocol.folds != protocol.folds:
        raise Failure(
            f"Run {teacher.id} has other folds: its networks have seen subjects that are to be "
            f"tested here. Choose a run of the same folds, or take its folds with --fold-file "
            f"runs/{teacher.id}/folds.json."
        )


def _is_finished(run: Run) -> bool:
    """A run that is damaged or gone is not."""
    try:
        return run.complete and run.state() is State.FINISHED
    except Failure:
        return False


def _require(run: Run, teacher: Run) -> None:
    if not teacher.complete:
        raise Failure(
            f"The teacher of run {run.id}, run {teacher.id}, is no longer in the study: queue a "
            "new run."
        )
