"""Every number that is shown, computed from predictions."""
