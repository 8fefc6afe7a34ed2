"""Eigen-CAM: cells along the first principal component of their channels, whatever the target.

Muhammad and Yeasin, IJCNN 2020. It takes the left singular vectors, which are small; those on the
right, of which pytorch-grad-cam uses one, cost many times as long.
"""

import numpy as np

from engine.explanation.cam.seen import Floats, Seen, to_array


def maps(seen: Seen) -> Floats:
    activations = to_array(seen.activations)
    count, _, height, width = activations.shape
    cells = activations.reshape(count, -1, height * width).swapaxes(1, 2)
    centred = cells - cells.mean(axis=1, keepdims=True)
    first = np.linalg.svd(centred, full_matrices=False)[2][:, 0, :, None]
    return np.asarray(centred @ first, dtype=np.float32).reshape(count, height, width)
