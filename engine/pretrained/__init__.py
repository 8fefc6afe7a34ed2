"""Weights from elsewhere: found in files, read without running code, matched to a network."""
