"""The score while tokens are taken away, or put in, in the order of their weights."""

from dataclasses import dataclass

import numpy as np

from probe.errors import UserError
from probe.explain.methods.players import coalitions
from probe.explain.question.question import Question


@dataclass(frozen=True, eq=False)
class Curves:
    """Scores of B texts while more and more of their tokens are changed.

    Attributes:
        shares: (B, P) float64, which share of the tokens is changed, from 0 to 1.
        scores: (B, P) float64.
    """

    shares: np.ndarray
    scores: np.ndarray

    @property
    def areas(self) -> np.ndarray:
        """(B,) float64, under each curve, by trapezoids; the mean score, as shares go from 0 to 1."""
        return np.trapezoid(self.scores, self.shares, axis=1)

    def at(self, shares: np.ndarray) -> np.ndarray:
        """Return the scores (B, N) at shares (N,), on straight lines between the points that were computed."""
        return np.stack([np.interp(shares, *each) for each in zip(self.shares, self.scores, strict=True)])


def counted(question: Question) -> np.ndarray:
    """Return (B, T) bool, the tokens that are no padding.

    Raises:
        UserError: a text is padding alone.
    """
    length = question.points[0].shape[1]
    there = np.ones((question.size, length), bool) if question.pads is None else ~question.pads
    if not there.any(axis=1).all():
        raise UserError(f"document {np.flatnonzero(~there.any(axis=1))[0] + 1}: is padding alone")
    return there


def ranks_of(weights: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the place of each token in the order of weights, the largest first, (B, T) int64.

    Of equal weights the one that stands first in the text comes first. Padding comes last.

    Args:
        weights: (B, T) float64, signed.
        there: (B, T) bool, the tokens that are no padding.
    """
    order = np.lexsort((-weights, ~there), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
    return ranks


def deletion(question: Question, ranks: np.ndarray, steps: int) -> Curves:
    """Return the scores while tokens are replaced by the baseline, first ranks first (Petsiuk, Das and Saenko 2018, for
    tokens in the place of pixels).

    Args:
        question: B examples; its target is what is scored. Padding stays as it is.
        ranks: (B, T), of :func:`ranks_of`.
        steps: into how many parts the tokens are divided.
    """
    return _curves(question, ranks, steps, insert=False)


def insertion(question: Question, ranks: np.ndarray, steps: int) -> Curves:
    """Return the scores while tokens take their places in a text of baselines, first ranks first; as above."""
    return _curves(question, ranks, steps, insert=True)


def chance(question: Question, steps: int, orders: int) -> tuple[list[Curves], list[Curves]]:
    """Return the curves of deletion and of insertion in random orders, ``orders`` of each."""
    there, draw = counted(question), np.random.default_rng(question.seed)
    drawn = [ranks_of(draw.random(there.shape), there) for _ in range(orders)]
    return [deletion(question, ranks, steps) for ranks in drawn], [insertion(question, ranks, steps) for ranks in drawn]


def _curves(question: Question, ranks: np.ndarray, steps: int, insert: bool) -> Curves:
    there = counted(question)
    totals = there.sum(axis=1)
    counts = np.rint(np.multiply.outer(totals, np.linspace(0, 1, steps + 1))).astype(np.int64)  # (B, P)
    changed = ranks[:, None, :] < counts[:, :, None]  # (B, P, T)
    present = changed if insert else ~changed
    return Curves(counts / totals[:, None], coalitions(question, question.rows, present | ~there[:, None]))
