"""Which images cannot be read any more, and why: what is left out is listed."""

from collections.abc import Sequence

from engine.data.images import Unreadable, decode_sample
from engine.domain import Sample
from engine.events import Progressed, Report


def find_unreadable(samples: Sequence[Sample], report: Report) -> dict[int, str]:
    """By sample id, why the image cannot be used; every file is looked at."""
    reasons = {}
    for done, sample in enumerate(samples):
        report(Progressed("Looking at the images", done, len(samples)))
        try:
            decode_sample(sample, 1)
        except Unreadable as error:
            reasons[sample.id] = f"{sample.file.name} {error.reason}."
    return reasons
