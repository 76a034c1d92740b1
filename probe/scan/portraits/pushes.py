"""What a unit does to the next character: by its weights, and as it was seen."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from probe.activations.next_characters import NextCharacters
from probe.scan.portrait import PUSHES, Push


def pushes(changes: np.ndarray, alphabet: Sequence[str]) -> tuple[Push, ...]:
    """Return the characters with the largest changes (V,) above 0, and those with the most negative, in this order."""
    order = np.argsort(-changes, kind="stable")
    kept = [*(place for place in order[:PUSHES] if changes[place] > 0),
            *(place for place in order[-PUSHES:] if changes[place] < 0)]
    return tuple(Push(alphabet[place], float(changes[place])) for place in kept)


def written(coming: NextCharacters, layer: str, signal: str, unit: int) -> tuple[Push, ...]:
    """Return what the output layer's row of a unit pushes towards and away from.

    From the row its mean is taken, which adds to all characters alike and so changes no probability. There is none of a
    unit that the output layer does not see.
    """
    if (layer, signal) != (coming.layer, "hidden"):
        return ()
    row = coming.kernel[unit].astype(np.float64)
    return pushes(row - row.mean(), coming.alphabet)


def measured(coming: NextCharacters, values: np.ndarray, start: int, told: Callable[[int], Any]) -> np.ndarray:
    """Return the mean probability of each next character where units are high less that where they are low, (K, V).

    High are the tenth of the places where a unit is highest, with those that equal the last of them; low likewise.

    Args:
        coming: what the network expects.
        values: activations (N, K) of the units.
        start: position of the first of the N characters in the text.
        told: is given the number of characters of each stretch that was read.
    """
    length, units = values.shape
    tenth = -(-length // 10)
    ordered = np.partition(values, (tenth - 1, length - tenth), axis=0)
    low, high = values <= ordered[tenth - 1], values >= ordered[length - tenth]
    weights = high / high.sum(axis=0, dtype=np.float32) - low / low.sum(axis=0, dtype=np.float32)
    changes = np.zeros((units, len(coming.bias)))
    for first, shares in coming.over(start, start + length):
        changes += weights[first - start:first - start + len(shares)].T @ shares
        told(len(shares))
    return changes
