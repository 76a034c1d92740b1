"""Classifiers of which attributions are timed: shapes, weights and texts, the same for every contender."""

from dataclasses import dataclass

import numpy as np

CLASSES, VOCABULARY = 20, 20_000


@dataclass(frozen=True)
class Explained:
    """A classifier of texts, and a batch of them.

    Attributes:
        kind: ``"conv"``: two convolutions of width 5 with relu, each with max pooling by 5 and over everything behind
            the last; ``"lstm"``: one bidirectional LSTM, and the maximum over its time.
        texts, tokens: B and T.
        embedding: width of a token's vector.
        units: filters of a convolution, or units of each direction.
    """

    kind: str
    texts: int = 16
    tokens: int = 400
    embedding: int = 100
    units: int = 128

    @property
    def name(self) -> str:
        """For a table."""
        return f"{self.kind}, {self.texts} × {self.tokens} tokens"

    def ids(self) -> np.ndarray:
        """Return (B, T) int64, without pads."""
        return np.random.default_rng(1).integers(1, VOCABULARY, (self.texts, self.tokens))

    def weights(self) -> dict[str, np.ndarray]:
        """Return float32 weights in Keras' layout, by name."""
        random = np.random.default_rng(0)

        def some(*shape: int) -> np.ndarray:
            return (random.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))).astype(np.float32)

        found = {"embedding": random.normal(size=(VOCABULARY, self.embedding)).astype(np.float32)}
        found["embedding"][0] = 0
        if self.kind == "conv":
            found |= {"conv_1": some(5, self.embedding, self.units), "conv_1_bias": some(self.units),
                      "conv_2": some(5, self.units, self.units), "conv_2_bias": some(self.units)}
        else:
            for way in ("forward", "backward"):
                found |= {way: some(self.embedding, 4 * self.units), f"{way}_bias": some(4 * self.units),
                          f"{way}_recurrent": some(self.units, 4 * self.units)}
        width = self.units if self.kind == "conv" else 2 * self.units
        return found | {"dense": some(width, CLASSES), "dense_bias": some(CLASSES)}


STEPS, TARGET = 50, 3
