import pytest

from engine.data.label_words import condition, dissect, expression, tokens
from engine.domain import Condition, Expression


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Happiness", "happy"),
        ("SMILING", "happy"),
        ("surprised", "surprise"),
        ("Su", "surprise"),
        ("afraid", "fear"),
        ("disgusted", "disgust"),
        ("SADNESS", "sad"),
        (" angry ", "anger"),
        ("Neutral", "neutral"),
    ],
)
def test_that_usual_spellings_of_expressions_are_known(text, title):
    found = expression(text)
    assert found is not None
    assert found.title == title


@pytest.mark.parametrize("text", ["contempt", "", "3", "happier days", "su_01"])
def test_that_other_labels_are_no_expression(text):
    assert expression(text) is None


@pytest.mark.parametrize("text", ["masked", "With_Mask", "m", "WithMask", "face mask"])
def test_that_usual_spellings_of_masked_are_known(text):
    assert condition(text) is Condition.MASKED


@pytest.mark.parametrize(
    "text", ["non-masked", "NonMasked", "unmasked", "no_mask", "without face mask", "NM"]
)
def test_that_usual_spellings_of_non_masked_are_known(text):
    assert condition(text) is Condition.NON_MASKED


def test_that_a_long_name_is_taken_apart():
    assert dissect("S01_no_mask_HappyFace") == (
        {Expression.HAPPY},
        {Condition.NON_MASKED},
        ["S01", "Face"],
    )


@pytest.mark.parametrize(
    ("words", "worn"),
    [
        ("without_face_mask", Condition.NON_MASKED),
        ("not_wearing_mask", Condition.NON_MASKED),
        ("with_face_mask", Condition.MASKED),
        ("no_mask", Condition.NON_MASKED),
        ("face_mask", Condition.MASKED),
    ],
)
def test_that_a_condition_of_several_words_is_read_whole_in_a_long_name(words, worn):
    assert dissect(f"S01_{words}_happy") == ({Expression.HAPPY}, {worn}, ["S01"])


def test_that_two_letter_codes_do_not_count_inside_a_name():
    assert dissect("an_01_su") == (set(), set(), ["an", "01", "su"])


def test_that_a_persons_name_stays_whole():
    assert tokens("HrithikRoshan_116") == ["HrithikRoshan", "116"]
