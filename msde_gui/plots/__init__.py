"""Plots: pyqtgraph drawings that know no engine."""
