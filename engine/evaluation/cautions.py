"""What to know of a run before its scores are believed: look-alikes across folds, few people."""

from collections.abc import Iterator

import numpy as np

from engine.data.integrity import thumbnails
from engine.data.near_duplicates import Groups, compare, recall
from engine.domain import Dataset
from engine.events import Report
from engine.experiment.experiment import Experiment, TrainOn
from engine.experiment.fold_rows import training_rows
from engine.experiment.folds import Protocol
from engine.store.study import Study

MOST = 50_000  # images that are compared unasked: half a minute; ten times as many take an hour
_EXAMPLES = 2
_TOO_MANY = (
    "Its images are too many to compare them before each run: see `msde check` for those that "
    "look the same but are of different people."
)


def find(
    study: Study, dataset: Dataset, experiment: Experiment, protocol: Protocol, report: Report
) -> list[str]:
    """Sentences for the user, after comparing all images if these never were."""
    groups = recall(study, dataset)
    if groups is None and len(dataset) > MOST:
        return [*_of_people(dataset, protocol), _TOO_MANY]
    if groups is None:
        thumbnails(study, report)
        groups = compare(study, dataset, report)
    return _describe(dataset, experiment, protocol, groups)


def find_known(study: Study, experiment: Experiment, protocol: Protocol) -> list[str]:
    """As ``find``, but of look-alikes only what was found before: at once."""
    dataset = study.dataset(experiment.dataset).up_to(experiment.last_sample)
    return _describe(dataset, experiment, protocol, recall(study, dataset))


def across_people(dataset: Dataset, groups: Groups | None) -> bool:
    """Whether any images look the same but are of different people."""
    if groups is None:
        return False
    rows = np.flatnonzero(groups >= 0)
    seen = set(zip(groups[rows].tolist(), dataset.subjects[rows].tolist(), strict=True))
    return len(seen) > len({group for group, _ in seen})


def _describe(
    dataset: Dataset, experiment: Experiment, protocol: Protocol, groups: Groups | None
) -> list[str]:
    people = _of_people(dataset, protocol)
    if groups is None or not across_people(dataset, groups):
        return people
    found = list(_crossing(dataset, protocol, experiment.train, groups))
    return [*people, _sentence(dataset, groups, found)] if found else people


def _of_people(dataset: Dataset, protocol: Protocol) -> list[str]:
    there = set(dataset.subjects.tolist())
    alone = sum(len(there.intersection(fold.train)) == 1 for fold in protocol.folds)
    if not alone:
        return []
    return [
        f"{alone} of {len(protocol.folds)} folds train on one person alone, so that an expression "
        "cannot be told from whose face it is: import more people."
    ]


def _crossing(
    dataset: Dataset, protocol: Protocol, train: TrainOn, groups: Groups
) -> Iterator[tuple[int, int]]:
    """Each tested row that looks like one its fold trains on, and that one."""
    folds = protocol.fold_of()
    two = [training_rows(dataset, fold, train) for fold in protocol.folds[:2]]
    trained = set(np.concatenate(two).ravel().tolist())  # two folds leave nobody out
    fold_of = {  # an image that came later may be of somebody in no fold
        row: folds[subject]
        for row in np.flatnonzero(groups >= 0).tolist()
        if (subject := str(dataset.subjects[row])) in folds
    }
    first: dict[int, dict[int, int]] = {}  # trained row of each group, by the fold it is tested in
    for row in sorted(trained.intersection(fold_of)):
        first.setdefault(int(groups[row]), {}).setdefault(fold_of[row], row)
    for row, own in fold_of.items():
        others = first.get(int(groups[row]), {}).items()
        yield from [(row, other) for fold, other in others if fold != own][:1]


def _sentence(dataset: Dataset, groups: Groups, found: list[tuple[int, int]]) -> str:
    of_group = {int(groups[row]): (row, other) for row, other in reversed(found)}
    pairs = list(of_group.values())[::-1][:_EXAMPLES]
    examples = ", or ".join(
        " and ".join(_name_image(dataset, row) for row in pair) for pair in pairs
    )
    images = "1 image looks" if len(found) == 1 else f"{len(found):,} images look"
    return (
        f"{images} the same as one of another person that is trained on when it is tested, such "
        f"as {examples}, so that the accuracy may be too high: see `msde check`."
    )


def _name_image(dataset: Dataset, row: int) -> str:
    return f"{dataset.samples[row].file.name} ({dataset.subjects[row]})"
