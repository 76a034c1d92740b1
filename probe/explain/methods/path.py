"""The straight line from the baseline to the input, along which methods integrate."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from probe.explain.methods.quadrature import QUADRATURES

if TYPE_CHECKING:
    from probe.explain.question.question import Question

# Numbers that are laid out at once; 128 MiB.
AT_ONCE = 1 << 24
Stretch = tuple[slice, tuple[np.ndarray, ...], np.ndarray]
Slopes = Callable[[tuple[np.ndarray, ...], np.ndarray], tuple[np.ndarray, ...]]


def stretches(count: int, size: int) -> Iterator[slice]:
    """Yield which of ``count`` rows are laid out at once, each of ``size`` numbers; all together if they fit."""
    step = max(1, AT_ONCE // size)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def along(question: "Question", alphas: np.ndarray) -> Iterator[Stretch]:
    """Yield the points baseline + α · (input − baseline) for some of the alphas at a time; all at once if they fit.

    Args:
        question: B examples.
        alphas: (N,) float64, from 0 at the baseline to 1 at the input.

    Yields:
        Which alphas, n of them; for each place (n · B, …), all examples at the first alpha first; the example of each
        row (n · B,).
    """
    for part in stretches(len(alphas), sum(point.size for point in question.points)):
        points = tuple(
            (low + np.multiply.outer(alphas[part], high - low)).reshape(-1, *high.shape[1:])
            for low, high in zip(question.baselines, question.points, strict=True))
        yield part, points, np.tile(question.rows, part.stop - part.start)


def integrated(question: "Question", quadrature: str, steps: int, slopes_at: Slopes) -> tuple[np.ndarray, ...]:
    """Return (input − baseline) · ∫ gradient dα over the line, for each place an array of its shape, float64.

    Args:
        question: which examples, from where to where.
        quadrature, steps: the rule of :mod:`~probe.explain.methods.quadrature`.
        slopes_at: points, rows → for each place the gradient there.
    """
    alphas, weights = QUADRATURES[quadrature](steps)
    sums = [np.zeros(point.shape) for point in question.points]
    for part, points, rows in along(question, alphas):
        for total, slopes in zip(sums, slopes_at(points, rows), strict=True):
            total += np.tensordot(weights[part], slopes.reshape(-1, *total.shape), 1)
    return tuple((high - low) * total
                 for high, low, total in zip(question.points, question.baselines, sums, strict=True))
