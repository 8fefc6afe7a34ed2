import pytest

from engine.data.formats.base import ImportOptions
from engine.data.formats.msde import MSDEFolders
from engine.domain import Condition, Failure


def test_that_the_authors_layout_gives_labels_conditions_and_pairs(tree):
    folder = tree("MSD-E/12_0_x.jpg", "MSD-ME/12_0_x.jpg", "MSD-E/13_6_y.jpg")
    assert MSDEFolders().recognises(folder)
    found = MSDEFolders().read(folder, ImportOptions()).candidates
    assert [(o.subject, o.expression.title, o.condition) for o in found] == [
        ("12", "surprise", Condition.NON_MASKED),
        ("13", "neutral", Condition.NON_MASKED),
        ("12", "surprise", Condition.MASKED),
    ]
    assert found[0].pair == found[2].pair != found[1].pair


@pytest.mark.parametrize(
    ("name", "reason"),
    [("12_7_x", "label “7”"), ("12_happy", "label “happy”"), ("portrait", "<subject>_<label>")],
)
def test_that_other_names_are_skipped_with_a_reason(tree, name, reason):
    (one,) = MSDEFolders().read(tree(f"MSD-E/{name}.jpg"), ImportOptions()).skipped
    assert one.file == f"MSD-E/{name}.jpg"
    assert reason in one.reason


def test_that_a_folder_without_them_is_refused(tree):
    folder = tree("happy/a.jpg")
    assert not MSDEFolders().recognises(folder)
    with pytest.raises(Failure, match="no folder MSD-E or MSD-ME"):
        MSDEFolders().read(folder, ImportOptions())
