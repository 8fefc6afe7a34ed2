"""Dataset layouts on disk, one per file."""
