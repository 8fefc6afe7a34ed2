"""What to do and what came of it as frozen values: settings, folds, predictions, progress."""
