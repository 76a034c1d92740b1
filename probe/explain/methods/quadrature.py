"""Rules that take an integral over [0, 1] as a weighted sum."""

from collections.abc import Callable, Mapping

import numpy as np

Rule = tuple[np.ndarray, np.ndarray]


def gauss_legendre(steps: int) -> Rule:
    """Exact for polynomials of degree 2 · steps − 1 (Abramowitz and Stegun 1964, 25.4.29)."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


def riemann_right(steps: int) -> Rule:
    """At the right end of each of ``steps`` equal intervals, as the first paper on integrated gradients sums."""
    return np.arange(1, steps + 1) / steps, np.full(steps, 1 / steps)


def riemann_left(steps: int) -> Rule:
    """At the left end of each of ``steps`` equal intervals."""
    return np.arange(steps) / steps, np.full(steps, 1 / steps)


def riemann_middle(steps: int) -> Rule:
    """In the middle of each of ``steps`` equal intervals."""
    return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)


def trapezoid(steps: int) -> Rule:
    """At both ends of each of ``steps`` equal intervals: ``steps`` + 1 nodes."""
    weights = np.full(steps + 1, 1 / steps)
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps + 1), weights


# name → steps → (nodes (N,), weights (N,)), float64; the weights add up to 1
QUADRATURES: Mapping[str, Callable[[int], Rule]] = {
    rule.__name__: rule for rule in (gauss_legendre, riemann_right, riemann_left, riemann_middle, trapezoid)
}
