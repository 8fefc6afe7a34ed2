"""Ways to draw the features of a fold's network in two dimensions, and how far to trust each."""
