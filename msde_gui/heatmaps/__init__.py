"""Heatmaps as the window asks for them, keeps them and colours them."""
