"""Heatmaps of trained networks, computed as the library pytorch-grad-cam does."""
