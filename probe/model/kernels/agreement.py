"""Whether the kernel that runs here computes what Keras does."""

import numpy as np

from probe.model.engine import keras, tf
from probe.model.kernels.choice import choose_kernel
from probe.model.kernels.layer import keras_lstm

STEPS, ROWS, INPUTS, UNITS = 20, 3, 8, 16


def difference_from_keras(name: str = "auto") -> float:
    """Return the largest difference of any hidden or cell state from those of Keras' own layer, on a small network.

    Args:
        name: of a kernel.

    Raises:
        UserError: the kernel cannot run here.
    """
    _, kernel = choose_kernel(name)
    draw = np.random.default_rng(0)
    layer = keras.layers.LSTM(UNITS, return_sequences=True)
    layer.build((None, None, INPUTS))
    layer.set_weights([draw.normal(size=weight.shape).astype(np.float32) for weight in layer.weights])
    inputs = tf.constant(draw.normal(size=(STEPS, ROWS, INPUTS)), tf.float32)
    state = tf.zeros((ROWS, UNITS))
    pairs = zip(kernel(layer, inputs, state, state), keras_lstm(layer, inputs, state, state), strict=True)
    return max(float(tf.reduce_max(tf.abs(mine - theirs))) for mine, theirs in pairs)
