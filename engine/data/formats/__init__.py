"""Layouts of face data sets on disk; each module adds one."""
