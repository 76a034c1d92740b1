"""What a token adds to a score, on average over all the orders in which tokens can come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution, Check
from probe.explain.method import Method
from probe.explain.methods.path import stretches
from probe.explain.methods.players import coalitions
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class Shapley(Method):
    """Shapley values (Shapley 1953): exact for few players, else from a sample of orders (Castro et al. 2009).

    A player is a token, with its whole vector; a number, for a network that reads vectors. A player that is absent is
    replaced by the baseline. Who equals the baseline already changes nothing by coming in: the value is exactly 0, and
    the others play without it. So padding gets nothing against ``baseline="pad"``, and costs no time; against other
    baselines it plays as every token does, unless ``pads_play=False`` leaves it where it is and out of the game.

    Every other sampled order is the reverse of the one before it, which makes the sample's error smaller (Mitchell,
    Cooper, Frank and Holmes 2022). Orders depend on the seed and the number of players alone.
    """

    name: ClassVar[str] = "shapley"
    words: ClassVar[str] = "Shapley values (Shapley 1953)"
    any_layer: ClassVar[bool] = True

    samples: int = option(24, "orders that are sampled", minimum=1, maximum=1_000_000)
    exact: int = option(10, "players up to which all sets are computed: 2 to the power of their number", minimum=0,
                        maximum=20)
    pads_play: bool = option(True, "whether padding takes part; else it stays in the text and gets nothing")

    def attribute(self, question: "Question") -> Attribution:
        """Return the values; they add up to f(x) − f(nobody plays) exactly, sampled or not."""
        length = question.points[0].shape[1]
        tokens, empty, errors = np.zeros((question.size, length)), np.zeros(question.size), [0.0]
        sampled = False
        for example in question.rows:
            plays = self._players(question, example)
            players = np.flatnonzero(plays)
            game = _Game(question, example, players, ~plays)
            if len(players) <= self.exact:
                tokens[example, players], empty[example] = game.exact()
                continue
            sampled = True
            tokens[example, players], error, empty[example] = game.sampled(self.samples)
            errors.append(error)
        scores = question.scores(question.points, question.rows)
        check = Check("completeness: the contributions add up to f(x) − f(no token but those out of the game)",
                      scores - empty, tokens.sum(axis=1))
        told = (f"with a standard error of at most {max(errors):.2g}" if np.isfinite(errors).all() else
                "too few to tell their standard error")
        return Attribution(scores, tokens, check=check,
                           notes=(f"from {self.samples} orders of the tokens, {told}",) if sampled else ())

    def _players(self, question: "Question", example: int) -> np.ndarray:
        """Return (T,) bool, who takes part."""
        length = question.points[0].shape[1]
        plays = np.zeros(length, bool)
        for point, baseline in zip(question.points, question.baselines, strict=True):
            plays |= (point[example] != baseline[example]).reshape(length, -1).any(axis=1)
        if not self.pads_play and question.pads is not None:
            plays &= ~question.pads[example]
        return plays


@dataclass(frozen=True, eq=False)
class _Game:
    """Players of one example.

    Attributes:
        question, example: whose score is the worth of a set of players.
        players: (n,) int, which tokens they are.
        others: (T,) bool, tokens that are always present.
    """

    question: "Question"
    example: int
    players: np.ndarray
    others: np.ndarray

    def exact(self) -> tuple[np.ndarray, float]:
        """Return the values (n,) from all sets of players, and the worth of nobody."""
        count = len(self.players)
        sets = np.arange(1 << count)  # whose bits are its players
        worth = np.concatenate([self._worth((sets[part, None] >> np.arange(count) & 1).astype(bool))
                                for part in stretches(len(sets), len(self.others))])
        shares = 1 / np.array([max(count, 1) * comb(max(count - 1, 0), size) for size in range(max(count, 1))])
        values = np.empty(count)
        for player in range(count):
            without = sets[sets >> player & 1 == 0]
            values[player] = ((worth[without | 1 << player] - worth[without]) * shares[np.bitwise_count(without)]).sum()
        return values, float(worth[0])

    def sampled(self, samples: int) -> tuple[np.ndarray, float, float]:
        """Return the values (n,), the largest of their standard errors, and the worth of nobody."""
        count, empty = len(self.players), 0.0
        pairs = np.zeros((-(-samples // 2), count))
        for first, orders in self._orders(samples):
            ranks = np.argsort(orders, axis=1)
            sets = ranks[:, None, :] < np.arange(count + 1)[:, None]  # (N, n + 1, n): one comes in after another
            worth = self._worth(sets.reshape(-1, count)).reshape(len(orders), count + 1)
            added = np.take_along_axis(np.diff(worth, axis=1), ranks, axis=1)
            np.add.at(pairs, np.arange(first, first + len(orders)) // 2, added)
            empty = float(worth[0, 0])
        sizes = np.full(len(pairs), 2.0)
        sizes[-1] -= samples % 2
        means = pairs / sizes[:, None]
        error = means.std(axis=0, ddof=1).max() / np.sqrt(len(pairs)) if len(pairs) > 1 else np.inf
        return pairs.sum(axis=0) / samples, float(error), empty

    def _orders(self, samples: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the number of the first order and some orders (N, n); an order and its reverse stand side by side."""
        draw, count = np.random.default_rng(self.question.seed), len(self.players)
        for pairs in stretches(-(-samples // 2), 2 * (count + 1) * len(self.others)):
            some = [draw.permutation(count) for _ in range(pairs.start, pairs.stop)]
            orders = np.stack([order for one in some for order in (one, one[::-1])])
            yield 2 * pairs.start, orders[:samples - 2 * pairs.start]

    def _worth(self, sets: np.ndarray) -> np.ndarray:
        """Return the scores (N,) of sets of players (N, n) bool."""
        present = np.tile(self.others, (len(sets), 1))
        present[:, self.players] = sets
        return coalitions(self.question, np.array([self.example]), present[None])[0]
