"""How far a run has come and how long it will take, worked out from its events."""

from dataclasses import dataclass, field, replace

from engine.events import (
    BatchEnded,
    EpochEnded,
    Event,
    Failed,
    FoldEnded,
    FoldStarted,
    Logged,
    Progressed,
    RunEnded,
    RunStarted,
)


@dataclass(frozen=True)
class FoldProgress:
    """One fold as its events tell it."""

    started: bool = False
    ended: bool = False
    failed: str = ""
    progress: float = 0.0
    accuracy: dict[str, float] = field(default_factory=dict)  # of held-out samples, so far
    epochs: tuple[EpochEnded, ...] = ()


UNTOUCHED = FoldProgress()
MOST_TOLD = 100  # of what a run said in words, the last


@dataclass(frozen=True)
class RunProgress:
    """A frozen snapshot; ``after`` gives the next one."""

    folds: tuple[FoldProgress, ...] = ()
    epochs: int = 0
    workers: int = 1
    device: str = ""
    precision: str = ""
    step: Progressed | None = None  # before training: reading images
    ended: str = ""  # the state in which the last attempt ended
    failed: str = ""
    told: tuple[str, ...] = ()  # what it said in words, such as warnings

    @property
    def fraction(self) -> float:
        """The share of the whole run that is done, 0 to 1."""
        return sum(f.progress for f in self.folds) / len(self.folds) if self.folds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By the pace of the epochs so far; nothing before the first has ended.

        Folds are dealt to workers as the run does: three of them on two take as long as four.
        """
        times = [e.seconds for f in self.folds for e in f.epochs[-5:]]
        if not times or not self.epochs:
            return None
        pace = sum(times) / len(times)
        lanes = [0.0] * max(1, self.workers)
        for fold in sorted(self.folds, key=lambda fold: not fold.started):
            lanes[lanes.index(min(lanes))] += (1 - fold.progress) * self.epochs * pace
        return max(lanes)

    def after(self, event: Event) -> "RunProgress":
        match event:
            case RunStarted():
                return self._begun(event)
            case Progressed():
                return replace(self, step=event)
            case Failed(fold=-1):
                return replace(self, failed=event.message)
            case Logged():
                return replace(self, told=(*self.told, event.message)[-MOST_TOLD:])
            case RunEnded():
                return replace(self, ended=event.state, step=None)
            case FoldStarted() | BatchEnded() | EpochEnded() | FoldEnded() | Failed():
                return self._with_fold(event.fold, event)
        return self

    def _begun(self, event: RunStarted) -> "RunProgress":
        known = [replace(f, failed="") if f.failed else f for f in self.folds[: event.folds]]
        folds = (*known, *(UNTOUCHED,) * (event.folds - len(known)))
        return RunProgress(
            folds=folds,
            epochs=event.epochs,
            workers=event.workers,
            device=event.device,
            precision=event.precision,
            told=self.told,
        )

    def _with_fold(self, number: int, event: Event) -> "RunProgress":
        if not 0 <= number < len(self.folds):
            return self
        changed = _fold_after(self.folds[number], event)
        return replace(
            self, step=None, folds=(*self.folds[:number], changed, *self.folds[number + 1 :])
        )


def follow(progress: RunProgress, events: list[Event]) -> RunProgress:
    """The snapshot after all these events."""
    for event in telling(events):
        progress = progress.after(event)
    return progress


def telling(events: list[Event]) -> list[Event]:
    """Without the batches that a later one of the same fold outdates: nearly all events are."""
    last = {event.fold: n for n, event in enumerate(events) if isinstance(event, BatchEnded)}
    return [
        event
        for n, event in enumerate(events)
        if not isinstance(event, BatchEnded) or last[event.fold] == n
    ]


def _fold_after(fold: FoldProgress, event: Event) -> FoldProgress:
    match event:
        case FoldStarted():
            kept = tuple(e for e in fold.epochs if e.epoch < event.epoch)
            progress = kept[-1].progress if kept else 0.0
            return replace(fold, started=True, epochs=kept, progress=progress)
        case BatchEnded():
            return replace(fold, progress=event.progress)
        case EpochEnded():
            kept = fold.epochs
            if kept and kept[-1].epoch >= event.epoch:  # only a log that is no run's says so
                kept = tuple(e for e in kept if e.epoch < event.epoch)
            epochs = (*kept, event)
            return replace(
                fold, progress=event.progress, epochs=epochs, accuracy=event.test_accuracy
            )
        case FoldEnded():
            return replace(fold, ended=True, progress=1.0, accuracy=event.accuracy)
        case Failed():
            return replace(fold, failed=event.message)
    return fold
