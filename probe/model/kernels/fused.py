"""The LSTM layer with every large matrix product hoisted out of the loop through time.

Forward, for each step t, with gates in Keras' order (input i, forget f, candidate g, output o):

    z = x W + b + h[t-1] R
    i, f, g, o = σ(z_i), σ(z_f), tanh(z_g), σ(z_o)
    c[t] = f · c[t-1] + i · g
    h[t] = o · tanh(c[t])

x W is one product for all steps (for ids, rows of W). Backward, the loop carries dc, takes dh[t] from dz[t+1], and sums
dz by rows of W; the other weights' gradients are one product each after the loop. The equations are those of Hochreiter
and Schmidhuber (1997) with the forget gate of Gers et al. (2000).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from probe.model.engine import keras, tf
from probe.model.hard_sigmoid import hard_sigmoid
from probe.model.kernels.compiled import Variant, backward, forward


def fused_lstm(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor,
               dtype: tf.DType = tf.float32) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Run the weights of ``layer`` over ``inputs`` from the state (h, c).

    Args:
        layer: a built Keras LSTM with activation tanh, and sigmoid or Keras 2's hard sigmoid as recurrent activation.
        inputs: (T, B, D) of ``dtype``, or (T, B) integer ids that stand for one-hot vectors of size D.
        h, c: (B, U) float32.
        dtype: of the operands of matrix products and of the gates that are kept for the gradient, float32 or bfloat16;
            the cell state, its arithmetic and the weights' gradients are float32.

    Returns:
        hidden (T, B, U) of ``dtype``, and the last h (B, U) and c (B, U) float32.
    """
    weights = layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias
    hard = layer.cell.recurrent_activation is hard_sigmoid
    lstm = tf.custom_gradient(lambda *arguments: _lstm(hard, dtype, *arguments))
    with _on_cpu():
        hidden, c = lstm(inputs, *(tf.convert_to_tensor(weight) for weight in weights), tf.cast(h, dtype), c)
        return hidden, tf.cast(hidden[-1], tf.float32), c


def _lstm(hard: bool, dtype: tf.DType, inputs: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor,
          h0: tf.Tensor, c0: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], Callable[..., Any]]:
    """inputs (T, B, D) or ids (T, B), kernel (D, 4U), recurrent (U, 4U), bias (4U,), h0 and c0 (B, U) →
    hidden (T, B, U) and the last c (B, U), and the function from their gradients to those of the arguments."""
    kernel, recurrent = tf.cast(kernel, dtype), tf.cast(recurrent, dtype)
    units, (steps, streams) = recurrent.shape[0], tf.unstack(tf.shape(inputs)[:2])
    ids = inputs.dtype.is_integer
    if ids:
        rows, entering = tf.cast(inputs, tf.int32), kernel
    else:
        flat = tf.reshape(inputs, (-1, kernel.shape[0]))
        rows, entering = tf.reshape(tf.range(steps * streams), (steps, streams)), tf.matmul(flat, kernel)

    def variant(streams: int) -> Variant:
        return Variant(streams, units, dtype.name, hard)

    def read(rows: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
        return forward(variant(rows.shape[1]), rows, *others)

    hidden, gates, cells = tf.numpy_function(read, [rows, entering, recurrent, bias, h0, c0],
                                             [dtype, dtype, tf.float32], stateful=False)
    hidden.set_shape((*inputs.shape[:2], units))
    cells.set_shape((*inputs.shape[:2], units))

    def gradient(d_hidden: tf.Tensor, d_c: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        with _on_cpu():
            # Rows of the kernel, or else one sum, which is the bias' alone.
            sums, targets = (kernel.shape[0], rows) if ids else (1, tf.zeros_like(rows))

            def read_back(rows: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
                return backward(variant(rows.shape[1]), rows, sums, *others)

            recurrent_transposed = _transposed(recurrent)
            d_z, summed, d_c0 = tf.numpy_function(
                read_back, [targets, d_hidden, d_c, gates, cells, c0, recurrent_transposed],
                [dtype, tf.float32, tf.float32], stateful=False)
            summed.set_shape((sums, 4 * units))
            d_bias = tf.reduce_sum(summed, axis=0)
            d_products = tf.reshape(d_z, (-1, 4 * units))
            h_before = tf.reshape(tf.concat([h0[tf.newaxis], hidden[:-1]], axis=0), (-1, units))
            d_recurrent = tf.cast(tf.matmul(h_before, d_products, transpose_a=True), tf.float32)
            d_h0 = tf.matmul(d_products[:streams], recurrent_transposed)
            if ids:
                return None, summed, d_recurrent, d_bias, d_h0, d_c0
            d_inputs = tf.reshape(tf.matmul(d_products, _transposed(kernel)), tf.shape(inputs))
            d_kernel = tf.cast(tf.matmul(flat, d_products, transpose_a=True), tf.float32)
            return d_inputs, d_kernel, d_recurrent, d_bias, d_h0, d_c0

    return (hidden, cells[-1]), gradient


def _on_cpu() -> AbstractContextManager:
    """The machine code is the CPU's, and so is what it works on; without a GPU all is."""
    return tf.device("/CPU:0") if tf.config.list_physical_devices("GPU") else nullcontext()


# TensorFlow multiplies by a transposed operand at a lower rate on a CPU, and folds a transposition that it sees into
# the product: it is done once, where it is not seen.
@tf.function(jit_compile=True, autograph=False)
def _transposed(matrix: tf.Tensor) -> tf.Tensor:
    return tf.transpose(matrix)
