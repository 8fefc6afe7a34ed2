"""Pretrained weights: found in files, read without running code, fitted to a network's trunk."""
