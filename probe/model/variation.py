"""Other weights for the architecture of a run: drawn anew, or with a unit that is held at one value."""

from collections.abc import Mapping

import numpy as np

from probe.model.options import ModelOptions


def initial_weights(options: ModelOptions, vocabulary: int, seed: int) -> dict[str, np.ndarray]:
    """Return the weights with which a training begins.

    Args:
        options: the architecture.
        vocabulary: number V of characters.
        seed: the same seed draws the same weights, and a training of that seed has begun with them.

    Returns:
        name as in :func:`~probe.model.weights.weight_names` → float32 array.
    """
    from probe.model.char_lstm import CharLSTM
    from probe.model.weights import weight_names

    model = CharLSTM(options, vocabulary, seed=seed)
    return {name: np.asarray(weight) for name, weight in zip(weight_names(model), model.weights, strict=True)}


def held_at(weights: Mapping[str, np.ndarray], layer: int, unit: int, value: float) -> dict[str, np.ndarray]:
    """Return weights with which the network computes as if h of one unit were ``value`` at every step.

    Whatever reads h does so by a product: the layer itself in the next step, and the next layer or the output layer.
    With R the matrix of one of these and b its bias, hR + b for h[u] = value is the same as with R[u] = 0 and
    b + value · R[u]. So no kernel needs to know, and the state before the first step counts as held too.

    Args:
        weights: name as in :func:`~probe.model.weights.weight_names` → array.
        layer: from 1.
        unit: index in the layer.
        value: what h is held at.

    Raises:
        KeyError: there is no such layer.
    """
    above = f"lstm_{layer + 1}"
    if f"{above}/kernel" not in weights:
        above = "dense"
    readers = ((f"lstm_{layer}/recurrent_kernel", f"lstm_{layer}/bias"), (f"{above}/kernel", f"{above}/bias"))
    edited = dict(weights)
    for matrix, bias in readers:
        row = weights[matrix][unit]
        edited[bias] = (weights[bias] + value * row.astype(np.float64)).astype(weights[bias].dtype)
        edited[matrix] = weights[matrix].copy()
        edited[matrix][unit] = 0
    return edited
