"""Hostile files: how often a reader answers wrongly or is ended by one."""
