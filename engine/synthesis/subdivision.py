"""Catmull-Clark subdivision as one sparse matrix, so that a moved mesh is smoothed by a product.

Catmull and Clark, Computer-Aided Design 10(6), 1978; boundary edges take the cubic B-spline rule.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.synthesis.geometry import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Edge = tuple[int, int]
Weights = dict[int, float]


@dataclass(frozen=True)
class Subdivided:
    """``operator @ vertices`` are the fine vertices of ``quads`` (n, 4), with ``uv`` (n, 4, 2)."""

    operator: "csr_matrix"
    quads: Ints
    uv: Floats
    parent: Ints  # (n,) the coarse face of each quad


@dataclass
class _Surroundings:
    """What meets at each vertex and edge."""

    edges: dict[Edge, int] = field(default_factory=dict)
    faces_of_edge: dict[Edge, list[int]] = field(default_factory=lambda: defaultdict(list))
    faces_of_vertex: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    edges_of_vertex: dict[int, list[Edge]] = field(default_factory=lambda: defaultdict(list))


def subdivide(vertices: int, faces: Sequence[Sequence[int]], uv: Sequence[Floats]) -> Subdivided:
    """One step on ``faces`` over ``vertices`` points; ``uv`` has the corners of each face."""
    around = _surroundings(faces)
    rows = [_moved(v, faces, around) for v in range(vertices)]
    rows += [_middle(edge, faces, around) for edge in around.edges]
    rows += [dict.fromkeys(face, 1 / len(face)) for face in faces]
    quads, corners, parents = [], [], []
    centre = vertices + len(around.edges)
    for number, (face, corner) in enumerate(zip(faces, uv, strict=True)):
        mid = [vertices + around.edges[_edge(face, i)] for i in range(len(face))]
        for i in range(len(face)):
            after = (i + 1) % len(face)
            quads.append([face[i], mid[i], centre + number, mid[i - 1]])
            halves = (corner[i] + corner[after]) / 2, (corner[i] + corner[i - 1]) / 2
            corners.append([corner[i], halves[0], corner.mean(0), halves[1]])
            parents.append(number)
    return Subdivided(
        _sparse(rows, vertices), np.array(quads), np.array(corners), np.array(parents)
    )


def _edge(face: Sequence[int], i: int) -> Edge:
    a, b = face[i], face[(i + 1) % len(face)]
    return min(a, b), max(a, b)


def _surroundings(faces: Sequence[Sequence[int]]) -> _Surroundings:
    around = _Surroundings()
    for number, face in enumerate(faces):
        for i, vertex in enumerate(face):
            edge = _edge(face, i)
            if edge not in around.edges:
                around.edges[edge] = len(around.edges)
                for end in edge:
                    around.edges_of_vertex[end].append(edge)
            around.faces_of_edge[edge].append(number)
            around.faces_of_vertex[vertex].append(number)
    return around


def _middle(edge: Edge, faces: Sequence[Sequence[int]], around: _Surroundings) -> Weights:
    beside = around.faces_of_edge[edge]
    if len(beside) != 2:
        return dict.fromkeys(edge, 0.5)
    weights = dict.fromkeys(edge, 0.25)
    for number in beside:
        for vertex in faces[number]:
            weights[vertex] = weights.get(vertex, 0) + 0.25 / len(faces[number])
    return weights


def _moved(vertex: int, faces: Sequence[Sequence[int]], around: _Surroundings) -> Weights:
    """Where a coarse vertex goes: (F + 2R + (n - 3) V) / n inside, B-spline on a boundary."""
    if vertex not in around.faces_of_vertex:
        return {vertex: 1.0}
    edges = around.edges_of_vertex[vertex]
    rim = [edge for edge in edges if len(around.faces_of_edge[edge]) != 2]
    if rim:
        weights = {vertex: 0.75}
        for edge in rim:
            other = edge[0] if edge[1] == vertex else edge[1]
            weights[other] = weights.get(other, 0) + 0.25 / len(rim)
        return weights
    n = len(edges)
    weights = {vertex: (n - 3) / n}
    beside = around.faces_of_vertex[vertex]
    for number in beside:
        for other in faces[number]:
            share = 1 / len(faces[number]) / len(beside) / n
            weights[other] = weights.get(other, 0) + share
    for end in (end for edge in edges for end in edge):
        weights[end] = weights.get(end, 0) + 1 / n / n
    return weights


def _sparse(rows: Sequence[Weights], columns: int) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    counts = np.cumsum([0, *(len(row) for row in rows)])
    places = np.array([vertex for row in rows for vertex in row])
    values = np.array([weight for row in rows for weight in row.values()])
    return csr_matrix((values, places, counts), shape=(len(rows), columns))
