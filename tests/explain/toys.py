"""Networks of published toy cases, and networks with chosen weights. No test changes those that are built once."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from probe.model.engine import keras

L = keras.layers


def dense(kernel: Any, bias: Any = None, activation: str | None = None, name: str | None = None) -> keras.layers.Dense:
    """Return a layer with these weights, kernel (inputs, units)."""
    weights = np.asarray(kernel, np.float32)
    shift = np.zeros(weights.shape[1]) if bias is None else np.asarray(bias, np.float32)
    layer = L.Dense(weights.shape[1], activation=activation, name=name)
    layer.build((None, weights.shape[0]))
    layer.set_weights([weights, shift])
    return layer


def chain(size: int, layers: Sequence[Any]) -> keras.Model:
    """Return the network that reads ``size`` numbers through these layers."""
    return keras.Sequential([keras.Input((size,)), *layers])


def perceptron(*layers: tuple[Any, Any], activation: str = "relu", last: str = "linear") -> keras.Model:
    """Return the network of layers with these kernels and biases, the last of which may have another activation."""
    ends = [activation] * (len(layers) - 1) + [last]
    return chain(len(layers[0][0]), [dense(*each, end) for each, end in zip(layers, ends, strict=True)])


@cache
def two_relus() -> keras.Model:
    """relu(relu(x₁ − 1) − relu(x₂)) (Sundararajan, Taly and Yan 2017, appendix B)."""
    return perceptron((np.eye(2), [-1, 0]), ([[1], [-1]], [0]), last="relu")


@cache
def two_relus_unrolled() -> keras.Model:
    """The same function, written relu(relu(x₁ − 1) − relu(x₂)) = relu(y) with other layers and an idle unit."""
    return chain(2, [dense([[1, 0, 2], [0, 1, 0]], [-1, 0, -2], "relu"), dense([[0.5], [-1], [0.25]]),
                     dense([[1]], activation="relu")])


def minimum() -> keras.Model:
    """min(x₁, x₂) = x₂ − relu(x₂ − x₁)."""
    numbers = keras.Input((2,))
    return keras.Model(numbers, L.Minimum()([dense([[1], [0]])(numbers), dense([[0], [1]])(numbers)]))


@cache
def conductance_case() -> keras.Model:
    """Identity 3×3 → ones 4×3 with bias (−10, 1, 1, 1) → relu → ones 2×4 with bias (−1, 1)."""
    return chain(3, [dense(np.eye(3)), dense(np.ones((3, 4)), [-10, 1, 1, 1], "relu", "second"),
                     dense(np.ones((4, 2)), [-1, 1])])
