"""What the paper says of its own images, to lay beside the counts of a study.

From Table 2 and section 2 of *Masked Student Dataset of Expressions* (ICVGIP 2022,
arXiv 2304.03867). The paper prints a count of every expression; the sources of this program hold
that of sadness alone, in two parts, 123 and 142. The others are absent, never estimated.
"""

from collections.abc import Mapping

from engine.domain import Condition, Expression

NAME = "MSD-E"
TAKEN = 2014  # photographs, in 1,007 pairs
SUBJECTS = 142
VERIFIED = 1960  # photographs whose label the volunteers confirmed: those of Table 2
VERIFIED_PAIRS = 857  # both of whose labels they confirmed
BY_CONDITION: Mapping[Condition, int] = {Condition.NON_MASKED: 964, Condition.MASKED: 996}
BY_EXPRESSION: Mapping[Expression, int] = {Expression.SAD: 265}
NOTE = f"{NAME}: the paper's Table 2; – see there; * printed as 256, but 123 + 142 = 265."
MORE = (
    f"{NAME}: {TAKEN:,} images of {SUBJECTS} students were taken; volunteers confirmed the labels "
    f"of {VERIFIED:,}, and both of {VERIFIED_PAIRS} pairs. Only with 265 sad faces do the numbers "
    "of Table 2 make that total. It prints the counts of the other expressions, too: they are not "
    "copied here."
)
