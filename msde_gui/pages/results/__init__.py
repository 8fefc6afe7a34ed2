"""The page *Results*: the scores of runs beside each other."""
