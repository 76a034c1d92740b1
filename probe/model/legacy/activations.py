"""Activation functions by their Keras 2 names: in float64 numpy, and as Keras 3 layers take them."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^−x), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Keras 2's clip(0.2 x + 0.5, 0, 1)."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def softmax(x: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def elu(x: np.ndarray) -> np.ndarray:
    """x above zero, e^x − 1 below (Clevert et al. 2016, equation 15)."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def selu(x: np.ndarray) -> np.ndarray:
    """Klambauer et al. 2017, equation 2."""
    return 1.0507009873554804934193349852946 * np.where(x > 0, x, 1.6732632423543772848170429916717 * elu(x))


def gelu(x: np.ndarray) -> np.ndarray:
    """x Φ(x), with the error function itself (Hendrycks and Gimpel 2016)."""
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2)))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "sigmoid": sigmoid,
    "hard_sigmoid": hard_sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "softmax": softmax,
    "elu": elu,
    "selu": selu,
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "exponential": np.exp,
    "relu6": lambda x: np.clip(x, 0, 6),
    "silu": lambda x: x * sigmoid(x),
    "swish": lambda x: x * sigmoid(x),
    "gelu": gelu,
    # Keras 3's hard_sigmoid, and its leaky_relu, which has a slope of its own.
    "hard_sigmoid_of_keras_3": lambda x: np.clip(x + 3, 0, 6) / 6,
    "leaky_relu_of_keras_3": lambda x: np.where(x > 0, x, 0.2 * x),
}
NAMES = tuple(ACTIVATIONS)
# Ends the names of functions that are other ones in Keras 2.
OF_KERAS_3 = "_of_keras_3"


def for_keras(name: str) -> Any:
    """Return what a Keras 3 layer takes as the activation ``name``: its own where it is the same function."""
    if name != "hard_sigmoid":
        return name.removesuffix(OF_KERAS_3)
    from probe.model.hard_sigmoid import hard_sigmoid as of_keras_2

    return of_keras_2
