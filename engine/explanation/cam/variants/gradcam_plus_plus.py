"""Grad-CAM++: a channel weighs its cells' positive gradients (Chattopadhay et al., WACV 2018)."""

import numpy as np

from engine.explanation.cam.seen import Floats, Seen

SMALLEST = 1e-6  # added to what is divided by


def maps(seen: Seen) -> Floats:
    activations, gradients = seen.arrays()
    sums = activations.sum(axis=(2, 3), keepdims=True)
    shares = gradients**2 / (2 * gradients**2 + sums * gradients**2 * gradients + SMALLEST)
    weights = (np.maximum(gradients, 0) * shares).sum(axis=(2, 3), keepdims=True)  # eq. 5 and 19
    return np.asarray((weights * activations).sum(axis=1))
