"""The training loop, its batches and augmentation, its checkpoints and its epoch's numbers."""
