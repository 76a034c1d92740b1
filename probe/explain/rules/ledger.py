"""Where relevance went that no input received."""

import numpy as np

# In the order in which they are told.
TAKERS = ("biases", "epsilon", "initial state", "other inputs", "leak")


class Ledger:
    """Sums of relevance by who took it, for each example.

    Attributes:
        taken: name → (B,) float64; the names are :data:`TAKERS`.
    """

    def __init__(self, examples: int) -> None:
        self.taken = {name: np.zeros(examples) for name in TAKERS}

    def add(self, taker: str, relevance: np.ndarray) -> None:
        """Count relevance (B, …) as taken."""
        self.taken[taker] += relevance.reshape(len(relevance), -1).sum(axis=1)
