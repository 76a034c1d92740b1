"""What a method found: contributions, and the law that they must keep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True, eq=False)
class Check:
    """A law that a method must keep, and how well it does on each example.

    Attributes:
        law: in words.
        expected, found: (B,) float64, what should be equal.
    """

    law: str
    expected: np.ndarray
    found: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """(B,) float64: by how much it is missed."""
        return self.found - self.expected

    def told(self, row: int) -> tuple[str, ...]:
        """Return what a reader must know of one example's check."""
        return ()


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method found for a batch.

    Attributes:
        scores: (B,) float64, the target.
        tokens: (B, T) float64, signed; (B, D) where the network reads vectors.
        norms: (B, T) float64, the l2 norm over the embedding axis; None where there is none.
        parts: float64, for each place an array of its shape; empty for maps.
        heatmap: (B, T') float64 over the positions of a layer, or (B, T', K) over its units too; None if there is none.
        check: the law that the method keeps; None if there is none.
        notes: what a reader must know.
        scored: what the scores are where a method asks for something else than was asked; else nothing.
        about: what is explained, in words, where that is not the target alone; else nothing.
    """

    scores: np.ndarray
    tokens: np.ndarray
    norms: np.ndarray | None = None
    parts: tuple[np.ndarray, ...] = ()
    heatmap: np.ndarray | None = None
    check: Check | None = None
    notes: tuple[str, ...] = ()
    scored: str = ""
    about: str = ""


def of_parts(scores: np.ndarray, parts: tuple[np.ndarray, ...], check: Check | None = None,
             notes: tuple[str, ...] = ()) -> Attribution:
    """Return contributions of vectors as contributions of tokens: their signed sum, and beside it their norm.

    Args:
        scores: (B,).
        parts: for each place (B, T, D), or (B, D) for a network that reads vectors.
        check, notes: as in :class:`Attribution`.
    """
    if parts[0].ndim < 3:
        return Attribution(scores, sum(parts[1:], parts[0]), None, parts, None, check, notes)
    joined = np.concatenate([part.reshape(*part.shape[:2], -1) for part in parts], axis=2)
    return Attribution(scores, joined.sum(axis=2), np.sqrt((joined ** 2).sum(axis=2)), parts, None, check, notes)


def completeness(question: "Question", scores: np.ndarray, parts: tuple[np.ndarray, ...]) -> Check:
    """Return the check that contributions add up to the score less the baseline's (Sundararajan, Taly and Yan 2017)."""
    return complete(scores - question.scores(question.baselines, np.arange(len(scores))), parts)


def complete(difference: np.ndarray, parts: tuple[np.ndarray, ...]) -> Check:
    """Return the same check for a method that has computed f(x) − f(baseline) (B,) itself."""
    return Check("completeness: the contributions add up to f(x) − f(baseline)", difference, totals(parts))


def totals(parts: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return (B,) float64, the sum of an example's contributions in arrays (B, …)."""
    return np.asarray(np.sum([part.reshape(len(part), -1).sum(axis=1) for part in parts], axis=0))
