"""A real run of the program, timed by what it says: the worker that the window starts, too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from engine.domain import Failure
from engine.events import BatchEnded, EpochEnded, Event, FoldStarted, RunStarted
from engine.experiment.experiment import Training
from engine.runs import launch
from engine.store.event_log import events_since
from engine.store.runs import Run, State
from engine.training.batches import steps_an_epoch

PAUSE = 0.01  # seconds between two looks at the events
Heard = tuple[float, Event]  # when, in seconds


@dataclass(frozen=True)
class Timed:
    """One side's work: images (or pairs) trained, and seconds."""

    trained: int  # over all folds and epochs
    whole: float  # from the start of the process to its end
    span: float  # of it, from the first batch to the end of the last epoch
    evaluating: float  # of the span: testing the held-out faces after each epoch

    def speeds(self) -> dict[str, float]:
        """Images a second of the batches alone, with evaluation, and with everything."""
        return {
            "training": self.trained / (self.span - self.evaluating),
            "with_evaluation": self.trained / self.span,
            "everything": self.trained / self.whole,
        }


def timed(run: Run) -> Timed:
    """Work on a queued run to its end. Raises ``Failure`` if it does not finish."""
    begun = perf_counter()
    heard = list(followed(run))
    whole = perf_counter() - begun
    if run.state() is not State.FINISHED:
        raise Failure(f"Run {run.id} is {run.state()}: {run.failure()}")
    return summed(heard, whole, run.experiment.training)


def summed(heard: Sequence[Heard], whole: float, training: Training) -> Timed:
    """What the events tell. Folds evaluate side by side: their seconds are those of all workers."""
    starts = [(when, event) for when, event in heard if isinstance(event, FoldStarted)]
    ends = [when for when, event in heard if isinstance(event, EpochEnded)]
    workers = next(event.workers for _, event in heard if isinstance(event, RunStarted))
    evaluating = sum(_evaluating(heard, event, training) for _, event in starts)
    return Timed(
        trained=training.epochs * sum(event.images for _, event in starts),
        whole=whole,
        span=max(ends) - min(when for when, _ in starts),
        evaluating=evaluating / workers,
    )


def followed(run: Run) -> Iterator[Heard]:
    """Its events with the moment each was seen."""
    place, ended = 0, False
    worker = launch.start(run)
    while not ended:
        ended = worker.ended(PAUSE)
        events, place = events_since(run.events_file, place)
        now = perf_counter()
        yield from ((now, event) for event in events)


def _evaluating(heard: Sequence[Heard], started: FoldStarted, training: Training) -> float:
    """Seconds of a fold's epochs beyond their batches.

    An epoch's end is said after its evaluation. When its last batch ended follows from the last
    of them that was told: ``share`` of the epoch's images took that long.
    """
    begun = trained = found = 0.0
    steps = steps_an_epoch(started.images, training.batch)
    for when, event in heard:
        if getattr(event, "fold", None) != started.fold:
            continue
        if isinstance(event, BatchEnded):
            done = round((event.progress * training.epochs - event.epoch) * steps)
            share = min(1.0, done * training.batch / started.images)  # the last batch is smaller
            trained = (when - begun) / share if share > 0 else trained
        if isinstance(event, EpochEnded):
            found += max(0.0, when - begun - trained) if trained else 0.0
        if isinstance(event, FoldStarted | EpochEnded):
            begun, trained = when, 0.0
    return found
