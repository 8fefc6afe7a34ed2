"""What the events of runs say of them, read a bounded piece at a time: no look takes long."""

from collections.abc import Container, Sequence

from engine.domain import Failure
from engine.experiment.progress import RunProgress, follow
from engine.store.event_log import events_since
from engine.store.runs import Run

PIECE = 128 * 1024  # bytes: some 1,700 events, read and followed in 5 ms
UNREAD = (0, RunProgress())


class Following:
    """How far each run has come by those of its events that have been read."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[int, RunProgress]] = {}  # by run: its first unread byte

    def progress(self, name: str) -> RunProgress:
        return self._read.get(name, UNREAD)[1]

    def keep(self, names: Container[str]) -> None:
        """Forget all other runs: new ones may take their names."""
        self._read = {name: known for name, known in self._read.items() if name in names}

    def read(self, runs: Sequence[Run]) -> Sequence[Run]:
        """A piece of what is new, from the first run on; answers with those that are left."""
        room = PIECE
        for place, run in enumerate(runs):
            room -= self._read_on(run, room)
            if room <= 0:
                return runs[place:]
        return ()

    def _read_on(self, run: Run, room: int) -> int:
        """How many bytes were new, about ``room`` at most."""
        begin, progress = self._read.get(run.id, UNREAD)
        try:
            events, end = events_since(run.events_file, begin, room)
        except Failure:  # the next look at the run tells
            return 0
        if end > begin:
            self._read[run.id] = (end, follow(progress, events))
        return end - begin
