"""Class activation maps; the tests compare them with those of the library pytorch-grad-cam."""
