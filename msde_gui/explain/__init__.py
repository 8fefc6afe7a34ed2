"""Heatmaps in the window: asked for, kept, coloured and laid out beside each other."""
