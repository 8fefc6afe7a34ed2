"""Ways in which weight files name a trunk's tensors, one per file."""
