"""What a run's network expects after each character: the probabilities of its output layer, for short texts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from probe.activations.extract import Extraction

# Probabilities made at once: 64 MB.
LARGEST = 1 << 24


@dataclass(frozen=True, eq=False)
class NextCharacters:
    """The output layer of a run, softmax(hK + b), h being that of the last layer.

    Attributes:
        reading: of h of all units of the last layer.
        layer: its name.
        kernel: K (U, V) float32.
        bias: b (V,) float32.
    """

    reading: "Extraction"
    layer: str
    kernel: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, extraction: "Extraction") -> Self:
        """Return those of the network that an extraction reads with, over the same text."""
        weights, options = extraction.checkpoint.weights, extraction.options
        kernel, bias = weights["dense/kernel"], weights["dense/bias"]
        layer = str(sum(name.endswith("/recurrent_kernel") for name in weights))
        block = min(options.block, max(1, LARGEST // (extraction.streams * len(bias))))
        options = replace(options, signals="hidden", layers=layer, units="all", losses=False, block=block)
        return cls(replace(extraction, options=options), layer, kernel, bias)

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The V characters that the network tells apart, by their id; "" for all others, if it has an id for them."""
        vocabulary = self.reading.corpus.vocabulary
        return (*vocabulary.characters, *[""] * vocabulary.unknown)

    def over(self, start: int, stop: int) -> Iterator[tuple[int, np.ndarray]]:
        """Read characters [start, stop) of the text.

        Yields:
            A position, and from it on the probabilities (T, V) float32 of each character that may come next: after
            text[position], after text[position + 1] and so on.

        Raises:
            UserError: they do not lie within what is read.
        """
        for block in self.reading.part(start, stop):
            for first, hidden in zip(block.starts.tolist(), block.activations[self.layer, "hidden"], strict=True):
                yield first, self.probabilities(hidden)

    def probabilities(self, hidden: np.ndarray) -> np.ndarray:
        """Return the probabilities (T, V) float32 of the characters after states h (T, U) float32."""
        logits = hidden @ self.kernel + self.bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))
