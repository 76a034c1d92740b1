"""The LSTM layer with every large matrix product hoisted out of the loop through time.

Forward, for each step t, with gates in Keras' order (input i, forget f, candidate g, output o):

    z = x W + b + h[t-1] R
    i, f, g, o = σ(z_i), σ(z_f), tanh(z_g), σ(z_o)
    c[t] = f · c[t-1] + i · g
    h[t] = o · tanh(c[t])

x W is one product for all steps (for ids, rows of W). The backward loop carries dh and dc alone and keeps the gate
gradients dz, from which every weight gradient is one product after the loop. The equations are those of
Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000).
"""

from collections.abc import Callable
from typing import Any

from probe.model.engine import keras, tf
from probe.model.hard_sigmoid import hard_sigmoid


def fused_lstm(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor,
               dtype: tf.DType = tf.float32) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Run the weights of ``layer`` over ``inputs`` from the state (h, c).

    Args:
        layer: a built Keras LSTM with activation tanh, and sigmoid or Keras 2's hard sigmoid as recurrent activation.
        inputs: (T, B, D) of ``dtype``, or (T, B) integer ids that stand for one-hot vectors of size D.
        h, c: (B, U) float32.
        dtype: of the operands of matrix products, float32 or bfloat16; the cell state and its arithmetic are float32.

    Returns:
        hidden (T, B, U) of ``dtype``, and the last h (B, U) and c (B, U) float32.
    """
    hard = layer.cell.recurrent_activation is hard_sigmoid
    kernel, recurrent = (tf.cast(weight, dtype) for weight in (layer.cell.kernel, layer.cell.recurrent_kernel))
    bias = tf.convert_to_tensor(layer.cell.bias)
    lstm = tf.custom_gradient(lambda *arguments: _lstm(hard, *arguments))
    hidden, c = lstm(inputs, kernel, recurrent, bias, tf.cast(h, dtype), c)
    return hidden, tf.cast(hidden[-1], tf.float32), c


def _lstm(hard: bool, inputs: tf.Tensor, kernel: tf.Tensor, recurrent: tf.Tensor, bias: tf.Tensor, h0: tf.Tensor,
          c0: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], Callable[..., Any]]:
    """inputs (T, B, D) or ids (T, B), kernel (D, 4U), recurrent (U, 4U), bias (4U,), h0 and c0 (B, U) →
    hidden (T, B, U) and the last c (B, U), and the function from their gradients to those of the arguments."""
    dtype, units = recurrent.dtype, recurrent.shape[0]
    steps = tf.shape(inputs)[0]
    flat = tf.reshape(inputs, (-1,) if inputs.dtype.is_integer else (-1, kernel.shape[0]))
    if not inputs.dtype.is_integer:
        products = tf.reshape(tf.matmul(flat, kernel), (steps, tf.shape(h0)[0], 4 * units))

    def rows(width: int, dtype: tf.DType = dtype) -> tf.TensorArray:
        return tf.TensorArray(dtype, size=steps, element_shape=(None, width), clear_after_read=False)

    def forward(t: tf.Tensor, h: tf.Tensor, c: tf.Tensor, cells: tf.TensorArray, activations: tf.TensorArray,
                hidden: tf.TensorArray) -> tuple[Any, ...]:
        cells = cells.write(t, c)
        entering = tf.gather(kernel, inputs[t]) if inputs.dtype.is_integer else products[t]
        h, c, activated = _cell(hard, entering, tf.matmul(h, recurrent), bias, c)
        h.set_shape(h0.shape)
        c.set_shape(c0.shape)
        return t + 1, h, c, cells, activations.write(t, activated), hidden.write(t, h)

    _, _, c, cells, activations, written = tf.while_loop(
        lambda t, *_: t < steps, forward,
        (tf.constant(0), h0, c0, rows(units, tf.float32), rows(5 * units), rows(units)),
        parallel_iterations=1)
    hidden = written.stack()

    def gradient(d_hidden: tf.Tensor, d_c: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        recurrent_transposed = _transposed(recurrent)

        def backward(t: tf.Tensor, d_h: tf.Tensor, d_c: tf.Tensor, d_bias: tf.Tensor, d_z: tf.TensorArray,
                     ) -> tuple[Any, ...]:
            d_gates, d_c, d_bias = _cell_gradient(hard, activations.read(t), cells.read(t), d_hidden[t], d_h, d_c,
                                                  d_bias)
            d_h = tf.matmul(d_gates, recurrent_transposed)
            d_h.set_shape(h0.shape)
            d_c.set_shape(c0.shape)
            return t - 1, d_h, d_c, d_bias, d_z.write(t, d_gates)

        _, d_h0, d_c0, d_bias, d_z = tf.while_loop(
            lambda t, *_: t >= 0, backward,
            (steps - 1, tf.zeros_like(h0), d_c, tf.zeros_like(bias), rows(4 * units)), parallel_iterations=1)
        d_products = tf.reshape(d_z.stack(), (-1, 4 * units))
        h_before = tf.reshape(tf.concat([h0[tf.newaxis], hidden[:-1]], axis=0), (-1, units))
        d_recurrent = tf.matmul(h_before, d_products, transpose_a=True)
        if inputs.dtype.is_integer:
            chosen = tf.one_hot(flat, kernel.shape[0], axis=0, dtype=dtype)
            return None, tf.matmul(chosen, d_products), d_recurrent, d_bias, d_h0, d_c0
        d_inputs = tf.reshape(tf.matmul(d_products, _transposed(kernel)), tf.shape(inputs))
        return d_inputs, tf.matmul(flat, d_products, transpose_a=True), d_recurrent, d_bias, d_h0, d_c0

    return (hidden, c), gradient


# Compiled alone, a cell's element-wise work takes few passes over memory; compiling the whole step is slower.
@tf.function(jit_compile=True, autograph=False)
def _cell(hard: bool, entering: tf.Tensor, recurring: tf.Tensor, bias: tf.Tensor, c: tf.Tensor,
          ) -> tuple[tf.Tensor, ...]:
    """→ h, c, and what the gradient needs: i, f, g, o and tanh c side by side (B, 5U)."""
    dtype, gate = entering.dtype, hard_sigmoid if hard else tf.sigmoid
    z = tf.cast(entering, tf.float32) + tf.cast(recurring, tf.float32) + bias
    i, f, g, o = tf.split(z, 4, axis=1)
    i, f, g, o = gate(i), gate(f), tf.tanh(g), gate(o)
    c = f * c + i * g
    tanh_c = tf.tanh(c)
    return tf.cast(o * tanh_c, dtype), c, tf.cast(tf.concat([i, f, g, o, tanh_c], axis=1), dtype)


@tf.function(jit_compile=True, autograph=False)
def _cell_gradient(hard: bool, activated: tf.Tensor, c_before: tf.Tensor, upstream: tf.Tensor, d_h: tf.Tensor,
                   d_c: tf.Tensor, d_bias: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """→ gradients of z (B, 4U), of c before, and of the bias summed so far."""
    dtype = d_h.dtype
    activated, upstream, d_h = (tf.cast(each, tf.float32) for each in (activated, upstream, d_h))
    i, f, g, o, tanh_c = tf.split(activated, 5, axis=1)

    def slope(gate: tf.Tensor) -> tf.Tensor:
        return tf.where((gate > 0) & (gate < 1), 0.2, 0.0) if hard else gate * (1 - gate)

    d_h = d_h + upstream
    d_c = d_c + d_h * o * (1 - tanh_c * tanh_c)
    d_z = tf.concat([d_c * g * slope(i), d_c * c_before * slope(f), d_c * i * (1 - g * g),
                     d_h * tanh_c * slope(o)], axis=1)
    return tf.cast(d_z, dtype), d_c * f, d_bias + tf.reduce_sum(d_z, axis=0)


# TensorFlow multiplies by a transposed operand at a lower rate on a CPU, and folds a transposition that it sees into
# the product: it is done once, where it is not seen.
@tf.function(jit_compile=True, autograph=False)
def _transposed(matrix: tf.Tensor) -> tf.Tensor:
    return tf.transpose(matrix)
