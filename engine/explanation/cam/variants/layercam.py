"""Layer-CAM: each cell weighs as much as its own positive gradient (Jiang et al., TIP 2021)."""

import numpy as np

from engine.explanation.cam.seen import Floats, Seen


def maps(seen: Seen) -> Floats:
    activations, gradients = seen.arrays()
    return np.asarray((np.maximum(gradients, 0) * activations).sum(axis=1))
