"""The LSTM layer with every large matrix product hoisted out of the loop through time.

Forward, for each step t, with gates in Keras' order (input i, forget f, candidate g, output o):

    z = x W + b + h[t-1] R
    i, f, g, o = σ(z_i), σ(z_f), tanh(z_g), σ(z_o)
    c[t] = f · c[t-1] + i · g
    h[t] = o · tanh(c[t])

x W + b is one product for all steps (for ids, rows of W). The backward loop carries dh and dc alone and keeps the
gate gradients dz, from which every weight gradient is one product after the loop. The equations are those of
Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000).
"""

from collections.abc import Callable
from typing import Any

from probe.model.engine import keras, tf


def fused_lstm(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor,
               ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Run the weights of ``layer`` over ``inputs`` from the state (h, c).

    Args:
        layer: a built Keras LSTM with its default activations.
        inputs: (T, B, D) float32, or (T, B) integer ids that stand for one-hot vectors of size D.
        h, c: (B, U) float32.

    Returns:
        hidden (T, B, U), and the last h (B, U) and c (B, U).
    """
    kernel, recurrent, bias = (tf.convert_to_tensor(w) for w in
                               (layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias))
    if inputs.dtype.is_integer:
        projected = _one_hot_product(kernel, inputs) + bias
    else:
        time, batch = tf.shape(inputs)[0], tf.shape(inputs)[1]
        flat = tf.matmul(tf.reshape(inputs, (-1, kernel.shape[0])), kernel) + bias
        projected = tf.reshape(flat, (time, batch, kernel.shape[1]))
    return _recurrence(projected, recurrent, h, c)


@tf.custom_gradient
def _one_hot_product(kernel: tf.Tensor, ids: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
    """one_hot(ids) @ kernel: (V, 4U), (T, B) → (T, B, 4U), by gathering rows."""
    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        choice = tf.one_hot(tf.reshape(ids, (-1,)), kernel.shape[0], axis=0)  # (V, TB): the left operand as it is
        return tf.matmul(choice, tf.reshape(upstream, (-1, kernel.shape[1]))), None

    return tf.gather(kernel, ids), gradient


@tf.custom_gradient
def _recurrence(projected: tf.Tensor, recurrent: tf.Tensor, h0: tf.Tensor, c0: tf.Tensor,
                ) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], Callable[..., Any]]:
    """projected (T, B, 4U), recurrent (U, 4U), h0 and c0 (B, U) → hidden (T, B, U), last h, last c."""
    units = recurrent.shape[0]
    steps = tf.shape(projected)[0]

    def forward(t: tf.Tensor, h: tf.Tensor, c: tf.Tensor, gates: tf.TensorArray, cells: tf.TensorArray,
                hidden: tf.TensorArray) -> tuple[Any, ...]:
        gate, c, h = _cell(read.read(t) + tf.matmul(h, recurrent), c)
        return t + 1, h, c, gates.write(t, gate), cells.write(t, c), hidden.write(t, h)

    read = tf.TensorArray(tf.float32, size=steps).unstack(projected)
    _, h, c, *written = tf.while_loop(
        lambda t, *_: t < steps, forward,
        (tf.constant(0), h0, c0, _rows(steps, 4 * units), _rows(steps, units), _rows(steps, units)),
        parallel_iterations=1)
    gates, cells, hidden = (array.stack() for array in written)

    def gradient(d_hidden: tf.Tensor, d_h: tf.Tensor, d_c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        # TensorFlow multiplies by a transposed operand at under half its rate on a CPU: transpose once.
        recurrent_transposed = tf.transpose(recurrent)
        before = tf.concat([c0[tf.newaxis], cells[:-1]], axis=0)
        at = [tf.TensorArray(tf.float32, size=steps).unstack(x) for x in (gates, cells, before, d_hidden)]

        def backward(t: tf.Tensor, d_h: tf.Tensor, d_c: tf.Tensor, d_z: tf.TensorArray) -> tuple[Any, ...]:
            gate, cell, cell_before, upstream = (array.read(t) for array in at)
            d_gate, d_c = _cell_gradient(gate, cell, cell_before, d_h + upstream, d_c)
            return t - 1, tf.matmul(d_gate, recurrent_transposed), d_c, d_z.write(t, d_gate)

        _, d_h0, d_c0, d_z = tf.while_loop(lambda t, *_: t >= 0, backward,
                                           (steps - 1, d_h, d_c, _rows(steps, 4 * units)), parallel_iterations=1)
        d_projected = d_z.stack()
        h_before = tf.reshape(tf.concat([h0[tf.newaxis], hidden[:-1]], axis=0), (-1, units))
        d_recurrent = tf.matmul(tf.transpose(h_before), tf.reshape(d_projected, (-1, 4 * units)))
        return d_projected, d_recurrent, d_h0, d_c0

    return (hidden, h, c), gradient


# Compiled alone, a cell's element-wise work is one pass over memory; compiling the whole step is slower.
@tf.function(jit_compile=True, autograph=False)
def _cell(z: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    i, f, g, o = tf.split(z, 4, axis=1)
    i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
    c = f * c + i * g
    return tf.concat([i, f, g, o], axis=1), c, o * tf.tanh(c)


@tf.function(jit_compile=True, autograph=False)
def _cell_gradient(gates: tf.Tensor, c: tf.Tensor, c_before: tf.Tensor, d_h: tf.Tensor, d_c: tf.Tensor,
                   ) -> tuple[tf.Tensor, tf.Tensor]:
    i, f, g, o = tf.split(gates, 4, axis=1)
    tanh_c = tf.tanh(c)
    d_c = d_c + d_h * o * (1 - tanh_c * tanh_c)
    d_i = d_c * g * i * (1 - i)
    d_f = d_c * c_before * f * (1 - f)
    d_g = d_c * i * (1 - g * g)
    d_o = d_h * tanh_c * o * (1 - o)
    return tf.concat([d_i, d_f, d_g, d_o], axis=1), d_c * f


def _rows(steps: tf.Tensor, width: int) -> tf.TensorArray:
    return tf.TensorArray(tf.float32, size=steps, element_shape=(None, width))
