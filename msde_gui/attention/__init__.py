"""Attention as a number: where runs look, region by region, with tests and average faces."""
