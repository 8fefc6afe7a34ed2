"""Measurements of speed and limits; ``make bench`` runs them all."""
