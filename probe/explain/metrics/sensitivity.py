"""How much an explanation changes when its text hardly does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from probe.explain.metrics.curves import counted
from probe.explain.metrics.options import FaithfulnessOptions
from probe.explain.question.question import Question


def max_sensitivity(question: Question, explained: Callable[[Question], np.ndarray], weights: np.ndarray,
                    options: FaithfulnessOptions) -> np.ndarray:
    """Return the largest ‖Φ(y) − Φ(x)‖ / ‖Φ(x)‖ over points y near x (Yeh et al. 2019, by sampling).

    The vector of every token moves within a ball around it, uniformly, whose radius is a share ``radius`` of the mean
    length of the text's vectors. Padding stays, and its weights do not count. A method that draws gets the same draws.

    Args:
        question: B examples.
        explained: question → weights (B, T).
        weights: (B, T) float64, those of the examples themselves.
        options: how many points, and how near.

    Returns:
        (B,) float64; 0 where nothing changes, infinite where all weights are 0 and others come.
    """
    there, draw = counted(question), np.random.default_rng(question.seed)
    most = np.zeros(question.size)
    for _ in range(options.neighbours):
        moved = tuple(_moved(point, there, options.radius, draw) for point in question.points)
        most = np.maximum(most, _norm(explained(replace(question, points=moved)) - weights, there))
    sizes = _norm(weights, there)
    return np.divide(most, sizes, out=np.where(most > 0, np.inf, 0.0), where=sizes > 0)


def _norm(weights: np.ndarray, there: np.ndarray) -> np.ndarray:
    return np.sqrt((np.where(there, weights, 0.0) ** 2).sum(axis=1))


def _moved(point: np.ndarray, there: np.ndarray, radius: float, draw: np.random.Generator) -> np.ndarray:
    """A point near ``point``: each token's vector moved within its ball."""
    vectors = point.reshape(*point.shape[:2], -1)
    lengths = np.where(there, np.sqrt((vectors ** 2).sum(axis=2)), 0.0)
    reach = radius * lengths.sum(axis=1) / there.sum(axis=1)
    ways = draw.standard_normal(vectors.shape)
    ways *= draw.random(there.shape)[:, :, None] ** (1 / vectors.shape[2]) / np.sqrt(
        (ways ** 2).sum(axis=2, keepdims=True))  # uniform in the ball of radius 1
    return point + (ways * np.where(there, reach[:, None], 0.0)[:, :, None]).reshape(point.shape)
