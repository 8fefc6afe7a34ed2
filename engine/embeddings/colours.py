"""Colours of figures, told apart under every common colour blindness."""

# Okabe and Ito's, by the number of the expression.
EXPRESSIONS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
CONDITIONS = ("#0072B2", "#D55E00")  # without and with a mask; also right and wrong
UNKNOWN = "#9aa1ad"
RUNS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00")  # side by side
