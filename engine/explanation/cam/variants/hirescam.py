"""HiRes-CAM: each cell weighs as much as its own gradient (Draelos and Carin, 2020)."""

import numpy as np

from engine.domain import Failure
from engine.explanation.cam.seen import Floats, Seen

ROUNDING = 1e-5  # of the terms of a sum: less is left of them by rounding alone


def maps(seen: Seen) -> Floats:
    """Raises ``Failure`` if the products cancel out in every cell: what is left is rounding."""
    activations, gradients = seen.arrays()
    products = activations * gradients
    sums, size = np.asarray(products.sum(axis=1)), np.abs(products).sum(axis=1).max()
    if np.abs(sums).max() <= ROUNDING * size:
        raise Failure(
            f"HiRes-CAM shows nothing but rounding in {seen.layer}: its sums cancel out in each "
            "cell, as wherever cells are scaled to unit length next. Choose another layer, or "
            "Grad-CAM."
        )
    return sums
