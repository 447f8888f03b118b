"""Exact search with numpy: every vector is looked at, in blocks, so that memory stays bounded.

Candidates are found by products in 32 bit and scored again in 64 bit: only neighbours whose
scores agree in about seven digits can be exchanged for each other.
"""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Metric: TypeAlias = Literal["cosine", "dot", "l2"]
Floats: TypeAlias = NDArray[np.floating[Any]]
Places: TypeAlias = NDArray[np.int64]

METRICS: tuple[Metric, ...] = ("cosine", "dot", "l2")
_ROWS, _QUERIES = 16_384, 128  # a block of products: 8 MB
_SPARE = 16  # more than asked for, because products in 32 bit may exchange close neighbours


def nearest(matrix: Floats, queries: Floats, k: int, metric: Metric, among: Places) -> tuple[Places, Floats]:
    """Return the places in `matrix` of the `k` nearest of each query, nearest first, and their scores.

    Parameters
    ----------
    matrix, queries
        Rows of equal width.
    among
        The places that count, in ascending order; the width of the answer is at most their number.
    """
    width = min(k + _SPARE, len(among))
    if not width:
        return np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0))
    places = np.zeros((len(queries), width), np.int64)
    bounds = np.full((len(queries), width), -np.inf, np.float32)
    center = _center(matrix, among) if metric == "l2" else None
    asked = _prepared(queries, metric, center)
    for start in range(0, len(among), _ROWS):
        rows = among[start : start + _ROWS]
        block = matrix[rows] if len(among) < len(matrix) else matrix[start : start + _ROWS]
        block = _prepared(block, metric, center)
        offset = np.einsum("ij,ij->i", block, block) / 2 if metric == "l2" else None
        for part in _parts(len(queries)):
            found = asked[part] @ block.T
            if offset is not None:
                found -= offset
            _merge(places[part], bounds[part], found, rows)
    return _ordered(matrix, queries, places, min(k, width), metric)


def scores(rows: Floats, query: Floats, metric: Metric) -> Floats:
    """Return similarity (or distance, for l2) of rows and a query in 64 bit; leading axes broadcast."""
    rows, query = rows.astype(np.float64), query.astype(np.float64)
    if metric == "l2":
        return np.linalg.norm(rows - query, axis=-1)
    found = np.einsum("...d,...d->...", rows, query)
    if metric == "cosine":
        size = np.linalg.norm(rows, axis=-1) * np.linalg.norm(query, axis=-1)
        found = np.divide(found, size, out=np.zeros_like(found), where=size > 0)
    return found


def _center(matrix: Floats, among: Places) -> Floats:
    # A common offset would use up the digits of a product in 32 bit; distances do not know it.
    return matrix[among[:_ROWS]].mean(axis=0, dtype=np.float64)


def _prepared(vectors: Floats, metric: Metric, center: Floats | None) -> Floats:
    if center is not None:
        return (vectors - center).astype(np.float32)
    if metric == "dot":
        return vectors
    size = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.divide(vectors, size, out=np.zeros(vectors.shape), where=size > 0).astype(np.float32)


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + _QUERIES) for start in range(0, count, _QUERIES))


def _merge(places: Places, bounds: Floats, found: Floats, rows: Places) -> None:
    """Put what is nearer than the worst so far into `places` and `bounds`, in their place."""
    width = places.shape[1]
    if found.shape[1] > width and bounds[0, 0] == -np.inf:  # the first block would let everything through
        best = np.argpartition(-found, width - 1, axis=1)[:, :width]
        places[:], bounds[:] = rows[best], np.take_along_axis(found, best, axis=1)
        return
    query, row = np.nonzero(found > bounds.min(axis=1, keepdims=True))
    if not len(query):
        return
    count = len(places)
    query = np.concatenate([np.repeat(np.arange(count), width), query])
    score = np.concatenate([bounds.ravel(), found[query[count * width :], row]])
    place = np.concatenate([places.ravel(), rows[row]])
    order = np.lexsort((-score, query))
    rank = np.arange(len(order)) - np.searchsorted(query[order], np.arange(count))[query[order]]
    kept = order[rank < width]
    places[:], bounds[:] = place[kept].reshape(count, width), score[kept].reshape(count, width)


def _ordered(
    matrix: Floats, queries: Floats, places: Places, k: int, metric: Metric
) -> tuple[Places, Floats]:
    """Score the candidates again in 64 bit and keep the best; of equal ones the one added first."""
    out = np.zeros((len(queries), k), np.int64)
    scored = np.zeros((len(queries), k))
    for part in _parts(len(queries)):
        near = np.sort(places[part], axis=1)
        exact = scores(matrix[near], queries[part][:, None, :], metric)
        best = np.argsort(exact if metric == "l2" else -exact, axis=1, kind="stable")[:, :k]
        out[part], scored[part] = np.take_along_axis(near, best, 1), np.take_along_axis(exact, best, 1)
    return out, scored
