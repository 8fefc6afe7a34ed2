"""Runs from their plan to their end: planned, launched, trained fold by fold, taken up again."""
