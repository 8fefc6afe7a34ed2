"""Ways to train, one per file."""
