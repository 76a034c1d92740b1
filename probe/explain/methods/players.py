"""Scores of a text of which only some tokens are present."""

from typing import TYPE_CHECKING

import numpy as np

from probe.explain.methods.path import stretches

if TYPE_CHECKING:
    from probe.explain.question.question import Question


def coalitions(question: "Question", examples: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return the scores of examples with some of their tokens, the others being replaced by the baseline.

    Args:
        question: about examples of T tokens, or of T numbers for a network that reads vectors.
        examples: (E,) int, numbers of examples.
        present: (E, N, T) bool, for each of them N sets of tokens that are present.

    Returns:
        (E, N) float64.
    """
    count, length = present.shape[1:]
    rows, sets = np.repeat(examples, count), present.reshape(-1, length)
    found = []
    for at in stretches(len(rows), sum(point[0].size for point in question.points)):
        part, chosen = rows[at], sets[at]
        points = tuple(
            np.where(chosen.reshape(*chosen.shape, *[1] * (point.ndim - 2)), point[part], baseline[part])
            for point, baseline in zip(question.points, question.baselines, strict=True))
        found.append(question.scores(points, part))
    return np.concatenate(found).reshape(len(examples), count)


def differing(question: "Question") -> np.ndarray:
    """Return (B, T) bool, which tokens differ from the baseline: the others change nothing when they are replaced."""
    return np.any([(point != baseline).reshape(*point.shape[:2], -1).any(axis=2)
                   for point, baseline in zip(question.points, question.baselines, strict=True)], axis=0)
