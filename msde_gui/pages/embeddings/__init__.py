"""The tab *Embedding* of the page *Errors*: features of runs laid out in a plane."""
