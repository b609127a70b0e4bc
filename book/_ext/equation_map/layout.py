"""Lay out a directed graph without cycles in layers (Sugiyama's method).

Nodes go to layers of a bounded width so that every edge leads down; edges across several layers
get a bend in each; the order within a layer is that of the barycentres of the neighbours; and the
positions follow from least squares with a gap between neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Graph = Mapping[str, Sequence[str]]
# A node, or the bend that the edges from a node share in a layer.
Place = str | tuple[str, int]
Rows = Sequence[Sequence[Place]]
# Of each place, those above and those below it.
Neighbours = Mapping[Place, tuple[set[Place], ...]]

SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """Where the nodes stand and how the edges run.

    Parameters
    ----------
    layers : tuple of tuple of str
        The nodes of each layer, from left to right.
    x : mapping of str to float
        Middle of each node.
    edges : mapping of (str, str) to tuple of float
        For each edge the positions that it passes, one for each layer from its source on.
    width : float
        From the left end of the leftmost node to the right end of the rightmost.
    """

    layers: tuple[tuple[str, ...], ...]
    x: Mapping[str, float]
    edges: Mapping[tuple[str, str], tuple[float, ...]]
    width: float


def lay_out(sources: Graph, widths: Mapping[str, float], width: float, gap: float) -> Layout:
    """Return the layout of a graph.

    Parameters
    ----------
    sources : mapping of str to sequence of str
        For each node those from which an edge leads to it.
    widths : mapping of str to float
        Width of each node.
    width : float
        What a layer should not exceed; a wider node has a layer to itself.
    gap : float
        Least distance between neighbours; a bend needs half of it.

    Raises
    ------
    ValueError
        If the graph has a cycle.
    """
    level = assign_layers(sources, {node: w + gap for node, w in widths.items()}, width)
    rows, edges = _with_bends(sources, level)
    neighbours = _neighbours(edges)
    _order(rows, neighbours)
    sizes = {p: widths[p] if isinstance(p, str) else 0.0 for row in rows for p in row}
    x = _positions(rows, neighbours, sizes, gap, width)
    left = min(x[p] - sizes[p] / 2 for p in x)
    right = max(x[p] + sizes[p] / 2 for p in x)
    return Layout(
        layers=tuple(tuple(p for p in row if isinstance(p, str)) for row in rows),
        x={p: x[p] - left for p in x if isinstance(p, str)},
        edges={edge: tuple(x[p] - left for p in path) for edge, path in edges.items()},
        width=right - left,
    )


def assign_layers(sources: Graph, widths: Mapping[str, float], width: float) -> dict[str, int]:
    """Return a layer for each node, below those of all its sources (Coffman and Graham).

    A layer takes nodes until it is full, those with the longest chain below them first. A node
    without sources is then moved down to where it is first needed.

    Raises
    ------
    ValueError
        If the graph has a cycle.
    """
    targets: dict[str, list[str]] = {node: [] for node in sources}
    for node, found in sources.items():
        for source in found:
            targets[source].append(node)
    height: dict[str, int] = {}
    while len(height) < len(sources):
        ready = [n for n in sources if n not in height and all(t in height for t in targets[n])]
        if not ready:
            raise ValueError("the graph has a cycle")
        height |= {n: 1 + max((height[t] for t in targets[n]), default=0) for n in ready}
    level: dict[str, int] = {}
    layer = 0
    while len(level) < len(sources):
        above = {n for n, found in level.items() if found < layer}
        ready = [n for n in sources if n not in level and above.issuperset(sources[n])]
        used = 0.0
        for node in sorted(ready, key=lambda n: -height[n]):
            if used and used + widths[node] > width:
                continue
            level[node] = layer
            used += widths[node]
        layer += 1
    for node in sources:
        if not sources[node] and targets[node]:
            level[node] = min(level[t] for t in targets[node]) - 1
    # A layer that they have left closes up.
    row = {layer: i for i, layer in enumerate(sorted(set(level.values())))}
    return {node: row[layer] for node, layer in level.items()}


def _with_bends(
    sources: Graph, level: Mapping[str, int]
) -> tuple[list[list[Place]], dict[tuple[str, str], list[Place]]]:
    rows: list[list[Place]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for node in sources:
        rows[level[node]].append(node)
    edges: dict[tuple[str, str], list[Place]] = {}
    # Edges of one source share their bends: they part where they have to.
    for node, found in sources.items():
        for source in found:
            path: list[Place] = [source]
            for layer in range(level[source] + 1, level[node]):
                bend = (source, layer)
                if bend not in rows[layer]:
                    rows[layer].append(bend)
                path.append(bend)
            edges[source, node] = [*path, node]
    return rows, edges


def _neighbours(edges: Mapping[tuple[str, str], list[Place]]) -> Neighbours:
    found: dict[Place, tuple[set[Place], ...]] = {}
    for path in edges.values():
        for above, below in itertools.pairwise(path):
            found.setdefault(above, (set(), set()))[1].add(below)
            found.setdefault(below, (set(), set()))[0].add(above)
    return found


def crossings(rows: Rows, neighbours: Neighbours) -> int:
    """Return how many pairs of edges between neighbouring layers cross."""
    count = 0
    for upper, lower in itertools.pairwise(rows):
        at = {place: i for i, place in enumerate(lower)}
        ends = [
            at[below]
            for place in upper
            for below in sorted(neighbours.get(place, ((), ()))[1], key=lambda p: at[p])
        ]
        count += sum(b < a for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _order(rows: list[list[Place]], neighbours: Neighbours) -> None:
    """Sort each layer by the barycentres of the neighbours, down and up; keep the best order."""
    best, fewest = [list(row) for row in rows], crossings(rows, neighbours)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        order = range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1)
        for layer in order:
            other = rows[layer - 1 if downwards else layer + 1]
            at = {place: (i + 0.5) / len(other) for i, place in enumerate(other)}
            own = {place: (i + 0.5) / len(rows[layer]) for i, place in enumerate(rows[layer])}

            def barycentre(
                place: Place,
                side: int = 0 if downwards else 1,
                at: Mapping[Place, float] = at,
                own: Mapping[Place, float] = own,
            ) -> float:
                near = [at[p] for p in neighbours.get(place, ((), ()))[side]]
                return sum(near) / len(near) if near else own[place]

            rows[layer].sort(key=barycentre)
        found = crossings(rows, neighbours)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    rows[:] = best


def _positions(
    rows: Rows,
    neighbours: Neighbours,
    sizes: Mapping[Place, float],
    gap: float,
    width: float,
) -> dict[Place, float]:
    """Move each layer towards the middle of its neighbours, and keep its order and its gaps."""
    x: dict[Place, float] = {}
    offsets = []
    for row in rows:
        spaces = [
            (sizes[a] + sizes[b]) / 2 + gap / (2 - (isinstance(a, str) and isinstance(b, str)))
            for a, b in itertools.pairwise(row)
        ]
        offset = np.concatenate([[0.0], np.cumsum(spaces)])
        offsets.append(offset)
        middle = (width - offset[-1]) / 2
        x |= dict(zip(row, offset + middle, strict=True))
    for sweep in range(SWEEPS):
        layers = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for layer in layers:
            row, offset = rows[layer], offsets[layer]
            wanted, weights = [], []
            for place in row:
                near = [x[p] for side in neighbours.get(place, ()) for p in side]
                wanted.append(sum(near) / len(near) if near else x[place])
                # Bends hold on to their line: long edges are straight.
                weights.append(1.0 if isinstance(place, str) else 4.0)
            half = [sizes[place] / 2 for place in row]
            moved = isotonic(np.array(wanted) - offset, np.array(weights))
            moved = np.clip(moved, half[0], max(half[0], width - half[-1] - offset[-1]))
            x |= dict(zip(row, moved + offset, strict=True))
    return x


def isotonic(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rising sequence that is nearest in weighted least squares (pool neighbours).

    >>> isotonic(np.array([1.0, 3.0, 2.0]), np.ones(3)).tolist()
    [1.0, 2.5, 2.5]
    """
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        block = (float(value), float(weight), 1)
        while blocks and blocks[-1][0] > block[0]:
            v, w, n = blocks.pop()
            total = w + block[1]
            block = ((v * w + block[0] * block[1]) / total, total, n + block[2])
        blocks.append(block)
    return np.concatenate([np.full(n, v) for v, _, n in blocks])
