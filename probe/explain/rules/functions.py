"""Activation functions in float64, with their slopes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from probe.model.engine import keras, tf

# Differences of inputs below this are taken for none, and the slope stands for the quotient.
TINY = 1e-9


def values_of(function: Callable[[Any], Any], inputs: np.ndarray) -> np.ndarray:
    """Return what a Keras activation, or a layer that is one, makes of ``inputs``; float64, of the same shape."""
    if function in _FAST:
        return _FAST[function](inputs)
    return np.asarray(_called(function, tf.constant(inputs, tf.float64)))


def rescale(function: Callable[[Any], Any], inputs: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return Δy / Δx of an activation that works entry by entry, its slope where Δx is tiny.

    The Rescale rule (Shrikumar, Greenside and Kundaje 2017).

    Args:
        function: the activation.
        inputs, baseline: x and x⁰, float64, of one shape.
    """
    return quotient(lambda x: values_of(function, x), lambda x: _slopes(function, x), inputs, baseline)


def quotient(function: Callable[[np.ndarray], np.ndarray], slope: Callable[[np.ndarray], np.ndarray],
             inputs: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return Δy / Δx of a function of float64 arrays, and its slope between the two where Δx is tiny."""
    difference = inputs - baseline
    small = np.abs(difference) < TINY
    found = np.divide(function(inputs) - function(baseline), difference, out=np.zeros_like(difference), where=~small)
    return np.where(small, slope((inputs + baseline) / 2), found) if small.any() else found


def _slopes(function: Callable[[Any], Any], inputs: np.ndarray) -> np.ndarray:
    given = tf.constant(inputs, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = tf.reduce_sum(_called(function, given))
    slopes = tape.gradient(total, given)
    return np.zeros_like(inputs) if slopes is None else np.asarray(slopes)


def _called(function: Callable[[Any], Any], inputs: Any) -> Any:
    if isinstance(function, keras.layers.PReLU):  # its weights are float32
        return tf.nn.relu(inputs) - tf.cast(function.alpha, tf.float64) * tf.nn.relu(-inputs)
    return function.call(inputs) if isinstance(function, keras.layers.Layer) else function(inputs)


def _sigmoid(inputs: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * inputs)


_FAST: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    keras.activations.linear: lambda inputs: inputs, keras.activations.tanh: np.tanh,
    keras.activations.sigmoid: _sigmoid, keras.activations.relu: lambda inputs: np.maximum(inputs, 0.0)}
