"""Choosing the next character from what a network expects."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from probe.model.options import kernel_option
from probe.options import Options, option


@dataclass(frozen=True)
class SampleOptions(Options):
    """How a text is drawn from a network."""

    length: int = option(1000, "characters to write; 0 until Ctrl-C", minimum=0)
    temperature: float = option(1.0, "divides the logits: below 1 likely characters become likelier, above 1 rare ones "
                                "get their chance", above=0)
    top_k: int = option(0, "draw among the so many likeliest characters alone; 0 among all", minimum=0)
    greedy: bool = option(False, "always take the likeliest character")
    seed: int = option(0, "of the draws: the same weights, prompt and seed give the same text", minimum=0)
    kernel: str = kernel_option()


def probabilities(logits: np.ndarray, options: SampleOptions) -> np.ndarray:
    """Return the distribution that a character is drawn from.

    Args:
        logits: (V,) finite.
        options: temperature, top-k and greedy. Of equal logits, those of the lower ids come first.

    Returns:
        (V,) float64 that sums to 1.
    """
    logits = np.asarray(logits, np.float64)
    kept = 1 if options.greedy else min(options.top_k, len(logits)) or len(logits)
    chosen = np.argsort(-logits, kind="stable")[:kept]
    with np.errstate(over="ignore", under="ignore"):  # near the zero temperature all but the likeliest vanish
        weights = np.exp((logits[chosen] - logits[chosen[0]]) / options.temperature)
    result = np.zeros(len(logits))
    result[chosen] = weights / weights.sum()
    return result


class Draws:
    """A sequence of draws that is a pure function of its seed: one uniform number a draw, by the inverse of the
    cumulative distribution.

    Args:
        options: the seed, and what :func:`probabilities` takes.
    """

    def __init__(self, options: SampleOptions) -> None:
        self._options = options
        self._uniforms: Iterator[float] = iter(np.random.default_rng(options.seed).random, None)

    def next(self, logits: np.ndarray) -> int:
        """Return an id in [0, V), drawn with the :func:`probabilities` of logits (V,)."""
        cumulative = np.cumsum(probabilities(logits, self._options))
        # The sum may fall short of 1 by rounding: scaled by it, a uniform number below 1 stays inside.
        return int(np.searchsorted(cumulative, next(self._uniforms) * cumulative[-1], side="right"))
