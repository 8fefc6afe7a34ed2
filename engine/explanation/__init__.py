"""Heatmaps of trained networks: asked for, chosen, computed, drawn and exported."""
