"""The usual spellings of expressions and conditions in folder names and tables."""

import re

from engine.domain import Condition, Expression

_EXPRESSIONS = {
    Expression.SURPRISE: "surprise surprised surprising su",
    Expression.FEAR: "fear fearful feared afraid scared frightened fe",
    Expression.DISGUST: "disgust disgusted disgusting di",
    Expression.HAPPY: "happy happiness joy joyful smile smiling smiled ha",
    Expression.SAD: "sad sadness sorrow sa",
    Expression.ANGER: "anger angry angered an",
    Expression.NEUTRAL: "neutral neutrality neutralface expressionless ne",
}
_MASKED = "masked mask withmask facemask withfacemask wearingmask maskon m"
_NON_MASKED = (
    "nonmasked nonmask unmasked unmask withoutmask nomask notmasked maskless maskoff nm"
    " withoutfacemask nofacemask notwearingmask"
)

_EXPRESSION_OF = {word: one for one, words in _EXPRESSIONS.items() for word in words.split()}
_CONDITION_OF = dict.fromkeys(_MASKED.split(), Condition.MASKED)
_CONDITION_OF |= dict.fromkeys(_NON_MASKED.split(), Condition.NON_MASKED)
_KNOWN = frozenset(_EXPRESSION_OF) | frozenset(_CONDITION_OF)
_CODE = 2  # letters: a code such as “su” counts only where nothing else stands beside it
_LONGEST = 3  # words in a spelling such as “without face mask”


def tokens(text: str) -> list[str]:
    """Words and numbers of a name: “NonMasked_AnnaLee” is Non, Masked, AnnaLee."""
    return [part for word in re.split(r"[\W_]+", text) if word for part in _parts(word)]


def expression(text: str) -> Expression | None:
    """What a label means, codes such as “su” included."""
    return _EXPRESSION_OF.get("".join(tokens(text)).lower())


def condition(text: str) -> Condition | None:
    """What a label means, “m” and “nm” included."""
    return _CONDITION_OF.get("".join(tokens(text)).lower())


def dissect(text: str) -> tuple[set[Expression], set[Condition], list[str]]:
    """The expressions and conditions in a longer name, and the words that are neither."""
    rest: list[str] = []
    expressions: set[Expression] = set()
    conditions: set[Condition] = set()
    words = tokens(text)
    while words:
        taken = _condition_at(words)
        if taken:
            conditions.add(_CONDITION_OF["".join(words[:taken]).lower()])
        elif len(words[0]) > _CODE and words[0].lower() in _EXPRESSION_OF:
            expressions.add(_EXPRESSION_OF[words[0].lower()])
        else:
            rest.append(words[0])
        words = words[max(taken, 1) :]
    return expressions, conditions, rest


def _condition_at(words: list[str]) -> int:
    """How many of the first words spell a condition: “no mask” before “no”."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        word = "".join(words[:length]).lower()
        if len(word) > _CODE and word in _CONDITION_OF:
            return length
    return 0


def _parts(word: str) -> list[str]:
    """Part a word at its capitals only if that brings a known word to light."""
    parts = re.split(r"(?<=[a-z])(?=[A-Z])", word)
    return parts if any(part.lower() in _KNOWN for part in parts) else [word]
