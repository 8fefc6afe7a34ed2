"""Attention as a number: how much of a network's heatmaps lies on each part of a face."""
