"""Grad-CAM: each channel weighs as much as its mean gradient (Selvaraju et al., ICCV 2017)."""

from engine.explanation.cam.seen import Floats, Seen, to_array


def maps(seen: Seen) -> Floats:
    weights = seen.gradients.mean((2, 3), keepdim=True)
    return to_array((weights * seen.activations).sum(1))
