"""Class activation maps, computed as the library pytorch-grad-cam does."""
