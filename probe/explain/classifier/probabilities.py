"""What a network puts out, as the probability of each label."""

from collections.abc import Sequence

import numpy as np

from probe.model.legacy.activations import sigmoid, softmax


def probabilities(outputs: np.ndarray, kind: str, squashed: bool, labels: Sequence[str] | None) -> np.ndarray:
    """Return the probability of each label, (B, C) float64.

    Args:
        outputs: (B, C), or (B, 1) where one output has two labels.
        kind: as a Classifier has it: whether labels exclude each other.
        squashed: whether the network ends in a softmax or sigmoid; else it gives logits.
        labels: names of the outputs, or None; of a single output its two sides, the second one near 1.
    """
    if not squashed:
        outputs = softmax(outputs) if kind == "single" else sigmoid(outputs)
    sides = outputs.shape[1] == 1 and labels is not None and len(labels) == 2
    return np.concatenate([1 - outputs, outputs], axis=1) if sides else outputs
