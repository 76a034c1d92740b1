"""The order of rows in which what is alike lies together: the leaves of a tree of average linkage."""

import numpy as np


def order(table: np.ndarray) -> np.ndarray:
    """Return the order (N,) of the rows of ``table`` (N, D) in which a tree of average linkage lists them.

    Rows and branches are joined by the mean of their Euclidean distances, along chains of nearest neighbours (Müllner,
    Modern hierarchical, agglomerative clustering algorithms, 2011, section 2.4). Two branches are turned so that the
    rows at which they meet are as near as can be.
    """
    rows = np.asarray(table, np.float64)
    squares = (rows ** 2).sum(axis=1)
    between = np.sqrt(np.maximum(squares[:, np.newaxis] + squares - 2 * rows @ rows.T, 0))
    return np.array(_leaves(between), np.int64)


def _leaves(between: np.ndarray) -> list[int]:
    """Return the leaves in order, from distances (N, N) between rows."""
    branches = {row: [row] for row in range(len(between))}
    apart = between.copy()
    np.fill_diagonal(apart, np.inf)
    chain: list[int] = []
    while len(branches) > 1:
        if not chain:
            chain.append(next(iter(branches)))
        last = chain[-1]
        nearest = int(np.argmin(apart[last]))
        if len(chain) > 1 and apart[last, nearest] >= apart[last, chain[-2]]:
            _join(last, chain[-2], branches, apart, between)
            del chain[-2:]
        else:
            chain.append(nearest)
    return next(iter(branches.values()), [])


def _join(one: int, other: int, branches: dict[int, list[int]], apart: np.ndarray, between: np.ndarray) -> None:
    """Put branch ``other`` beside branch ``one``, and the mean distances of both together in its row of ``apart``."""
    left, right = branches[one], branches.pop(other)
    mean = (len(left) * apart[one] + len(right) * apart[other]) / (len(left) + len(right))
    turned = [(left, right), (left, right[::-1]), (left[::-1], right), (left[::-1], right[::-1])]
    first, second = min(turned, key=lambda pair: between[pair[0][-1], pair[1][0]])
    branches[one] = first + second
    apart[one], apart[:, one] = mean, mean
    apart[other], apart[:, other] = np.inf, np.inf
    apart[one, one] = np.inf
