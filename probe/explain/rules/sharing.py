"""How relevance is shared among the summands of a sum: the ε-, γ- and αβ-rule."""

from dataclasses import dataclass

import numpy as np

from probe.explain.rules.ledger import Ledger
from probe.explain.rules.linear_map import LinearMap


@dataclass(frozen=True, eq=False)
class Sharing:
    """The ε-rule, for sums of every kind (Bach et al. 2015).

    With y = Σ z + b and d = y + ε sign(y), where the sign of 0 is +: a summand receives z R / d, the bias b R / d and
    the stabiliser ε sign(y) R / d, which together are R.

    Attributes:
        epsilon: ε, at least 0.
        spread: whether bias and stabiliser are shared equally by the inputs of the sum, after Arras et al. 2017, where
            N counts the inputs that the sum has. Otherwise they keep what they take.
        ledger: counts what they keep.
    """

    epsilon: float
    spread: bool
    ledger: Ledger

    def quotient(self, relevance: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return R / d, and what the stabiliser takes, of sums y = ``total``.

        Where d is 0, which takes ε = 0, nothing can be shared, and everything stays in the second array.
        """
        signed = np.where(total < 0, -self.epsilon, self.epsilon)
        quotient = divided(relevance, total + signed)
        return quotient, np.where(total + signed == 0, relevance, signed * quotient)

    def linear(self, sums: LinearMap, reads: tuple[np.ndarray, ...], bias: np.ndarray,
               relevance: np.ndarray) -> tuple[np.ndarray, ...]:
        """Share the relevance of ``sums`` of ``reads`` plus ``bias`` by the ε-rule.

        Args:
            sums: the map.
            reads: (B, …) float64.
            bias: broadcasts against the sums.
            relevance: of the sums' shape.

        Returns:
            the relevance of each value that was read.
        """
        quotient, stabilised = self.quotient(relevance, sums.forward(reads) + bias)
        parts = tuple(value * back for value, back in zip(reads, sums.transposed(quotient), strict=True))
        return self.with_rest(sums, reads, parts, bias * quotient, stabilised)

    def weighted(self, sums: LinearMap, reads: tuple[np.ndarray, ...], bias: np.ndarray,
                 relevance: np.ndarray) -> tuple[np.ndarray, ...]:
        """Do the same for a layer of weights, Dense or Conv1D, by the rule that the method is named for."""
        return self.linear(sums, reads, bias, relevance)

    def with_rest(self, sums: LinearMap, reads: tuple[np.ndarray, ...], parts: tuple[np.ndarray, ...],
                  biases: np.ndarray, stabilised: np.ndarray) -> tuple[np.ndarray, ...]:
        """Put down what bias and stabiliser took, or give each input of a sum an equal share of it."""
        if not self.spread:
            self.ledger.add("biases", biases)
            self.ledger.add("epsilon", stabilised)
            return parts
        there = sums.weighted(np.ones_like)
        count = there.forward(tuple(np.ones_like(value) for value in reads))
        rest = biases + stabilised
        self.ledger.add("leak", np.where(count == 0, rest, 0.0))
        return tuple(part + share for part, share in zip(parts, there.transposed(divided(rest, count)), strict=True))

    def of_constant(self, taker: str, relevance: np.ndarray, parts: tuple[np.ndarray, ...],
                    there: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
        """Put down what arrived at numbers that no input has a part in, or give each input an equal share of it.

        Args:
            taker: to whom it is put down.
            relevance: (B,).
            parts: what the inputs of the step received.
            there: broadcasts against the one array of ``parts``, bool: which inputs take a share; None is all.
        """
        if not self.spread:
            self.ledger.add(taker, relevance)
            return parts
        takes = tuple(np.broadcast_to(True if there is None else there, part.shape) for part in parts)
        count = np.sum([each.reshape(len(each), -1).sum(axis=1) for each in takes], axis=0)
        share = divided(relevance, count)
        return tuple(part + each * share.reshape(-1, *[1] * (part.ndim - 1))
                     for part, each in zip(parts, takes, strict=True))


@dataclass(frozen=True, eq=False)
class GammaSharing(Sharing):
    """The γ-rule: summands of the sign that the sum has count 1 + γ times.

    With inputs of at least 0 and a sum above 0, as between ReLUs, this is Σ x (w + γ w⁺) (Montavon et al. 2019). Inputs
    below 0, which embeddings have, and sums below 0 are treated by the sign of the summands, after Andéol et al. 2021,
    because the formula on weights can turn signs round there.

    Attributes:
        gamma: γ, at least 0.
        by_weights: whether the formula on weights holds for all signs, as it is printed.
    """

    gamma: float
    by_weights: bool

    def weighted(self, sums: LinearMap, reads: tuple[np.ndarray, ...], bias: np.ndarray,
                 relevance: np.ndarray) -> tuple[np.ndarray, ...]:
        if self.by_weights:
            return self.linear(sums.weighted(self._more), reads, self._more(bias), relevance)
        signs = Signs(sums, reads, bias)
        total = sums.forward(reads) + bias
        above = total >= 0
        favoured = np.where(above, signs.total(+1), signs.total(-1))
        quotient, stabilised = self.quotient(relevance, total + self.gamma * favoured)
        up, down = np.where(above, quotient, 0.0), np.where(above, 0.0, quotient)
        parts = tuple(value * back + self.gamma * (more + less) for value, back, more, less in zip(
            reads, sums.transposed(quotient), signs.shares(+1, up), signs.shares(-1, down), strict=True))
        biases = bias * quotient + self.gamma * (np.maximum(bias, 0) * up + np.minimum(bias, 0) * down)
        return self.with_rest(sums, reads, parts, biases, stabilised)

    def _more(self, weights: np.ndarray) -> np.ndarray:
        return weights + self.gamma * np.maximum(weights, 0)


@dataclass(frozen=True, eq=False)
class AlphaBetaSharing(Sharing):
    """The αβ-rule: α R goes to the summands above 0, −β R to those below (Bach et al. 2015), α − β = 1.

    Where a sum has none of one kind, its part reaches nobody: the leak.

    Attributes:
        alpha: α, at least 1.
    """

    alpha: float

    def weighted(self, sums: LinearMap, reads: tuple[np.ndarray, ...], bias: np.ndarray,
                 relevance: np.ndarray) -> tuple[np.ndarray, ...]:
        signs = Signs(sums, reads, bias)
        parts = tuple(np.zeros_like(value) for value in reads)
        biases = np.zeros_like(relevance)
        for sign, part_of_all in ((+1, self.alpha), (-1, 1 - self.alpha)):
            total = signs.total(sign)
            quotient = divided(part_of_all * relevance, total)
            parts = tuple(part + share for part, share in zip(parts, signs.shares(sign, quotient), strict=True))
            biases += np.maximum(bias * sign, 0) * sign * quotient
            self.ledger.add("leak", np.where(total == 0, part_of_all * relevance, 0.0))
        return self.with_rest(sums, reads, parts, biases, np.zeros_like(relevance))


class Signs:
    """The summands above 0 of sums, and those below.

    Args:
        sums, reads, bias: as in :meth:`Sharing.linear`.
    """

    def __init__(self, sums: LinearMap, reads: tuple[np.ndarray, ...], bias: np.ndarray) -> None:
        self._bias = bias
        self._up, self._down = (tuple(np.maximum(value, 0) for value in reads),
                                tuple(np.minimum(value, 0) for value in reads))
        self._plus = sums.weighted(lambda weights: np.maximum(weights, 0))
        self._minus = sums.weighted(lambda weights: np.minimum(weights, 0))

    def total(self, sign: int) -> np.ndarray:
        """Return the sum of the summands of one sign, the bias among them."""
        first, second = (self._plus, self._minus) if sign > 0 else (self._minus, self._plus)
        return first.forward(self._up) + second.forward(self._down) + np.maximum(self._bias * sign, 0) * sign

    def shares(self, sign: int, quotient: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return Σ z q over the summands of one sign, for each value that was read."""
        first, second = (self._plus, self._minus) if sign > 0 else (self._minus, self._plus)
        return tuple(up * of_up + down * of_down for up, down, of_up, of_down in zip(
            self._up, self._down, first.transposed(quotient), second.transposed(quotient), strict=True))


def divided(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return ``upper / lower``, and 0 where ``lower`` is 0."""
    upper, lower = np.broadcast_arrays(upper, lower)
    return np.divide(upper, lower, out=np.zeros(upper.shape), where=lower != 0)
