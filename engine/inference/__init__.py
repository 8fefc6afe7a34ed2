"""What the networks of finished folds make of images."""
