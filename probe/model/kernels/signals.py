"""Every signal of one LSTM layer, whatever computes it.

The signals are those of the equations in :mod:`probe.model.kernels.fused`: ``hidden`` h, ``cell`` c, ``input_gate`` i,
``forget_gate`` f, ``candidate`` g and ``output_gate`` o, at every step. The fused kernel has them all at hand. A kernel
that tells h alone, such as cuDNN, is followed by one product for all steps, z = x W + b + h[t-1] R, from which the
gates and then the cells follow. Other activations than tanh and sigmoids are computed step by step.
"""

from collections.abc import Callable, Sequence

import numpy as np

from probe.model.engine import CORES, keras, tf
from probe.model.hard_sigmoid import hard_sigmoid
from probe.model.kernels.choice import Kernel, choose_kernel
from probe.model.kernels.compiled import PackedLayer, Variant

# In Keras' order of the columns of a kernel.
GATES = ("input_gate", "forget_gate", "candidate", "output_gate")

# The signals, each (T, B, U), and the last h and c, each (B, U) float32.
Signals = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]

# (inputs, h, c, wanted signals) → signals; the arguments are those of lstm_signals. "hidden" is always among them.
SignalReader = Callable[[np.ndarray, np.ndarray, np.ndarray, Sequence[str]], Signals]


def lstm_signals(layer: keras.layers.LSTM, inputs: np.ndarray | tf.Tensor, h: np.ndarray | tf.Tensor,
                 c: np.ndarray | tf.Tensor, wanted: Sequence[str]) -> Signals:
    """Read ``inputs`` with the weights of ``layer``, in the order in which they are given, without dropout.

    Args:
        layer: a built LSTM of any activations, with or without bias. It is not changed.
        inputs: (T, B, D) numbers, or (T, B) integer ids that stand for one-hot vectors.
        h, c: the state (B, U) before the first step.
        wanted: names of signals.

    Returns:
        The wanted signals (T, B, U) float32, and the last h and c (B, U) float32.

    Raises:
        ValueError: a name that is no signal's, or arrays that do not fit.
    """
    given = np.asarray(inputs)
    ids = np.issubdtype(given.dtype, np.integer)
    reader = signal_reader(layer, rows=_weights(layer)[0] if ids else None)
    signals, h, c = reader(given.astype(np.int32 if ids else np.float32, copy=False), np.asarray(h, np.float32),
                           np.asarray(c, np.float32), wanted)
    return {name: signals[name] for name in wanted}, h, c


def signal_reader(layer: keras.layers.LSTM, *, rows: np.ndarray | None = None, kernel: str = "auto",
                  precision: str = "float32") -> SignalReader:
    """Return what reads with ``layer`` as :func:`lstm_signals` does, made ready once for many calls.

    Args:
        layer: as there.
        rows: (N, 4U) float32, the products with the kernel of all inputs that ids stand for; None for inputs that are
            vectors. A kernel other than fused is given vectors, or ids of one-hot vectors.
        kernel: ``"auto"``, ``"cudnn"``, ``"fused"`` or ``"keras"``; of activations other than its own it means nothing.
        precision: of the operands of matrix products, ``"float32"`` or, for the fused kernel, ``"bfloat16"``, in which
            hidden then is.

    Raises:
        UserError: a kernel that is not to be had here.
    """
    cell = layer.cell
    hard = cell.recurrent_activation is hard_sigmoid
    if cell.activation is not keras.activations.tanh or not (
            hard or cell.recurrent_activation is keras.activations.sigmoid):
        return _stepped(layer)
    name, compute = choose_kernel(kernel, "hard_sigmoid" if hard else "sigmoid")
    if name != "fused":
        return _recomputed(layer, compute)
    weights, recurrent, bias = _weights(layer)
    variant = Variant(1, layer.units, precision, hard)
    return _compiled(PackedLayer.of(variant, weights if rows is None else rows, recurrent, bias, rows=rows is not None))


def _compiled(layer: PackedLayer) -> SignalReader:
    dtype = layer.recurrent.dtype

    def read(inputs: np.ndarray, h: np.ndarray, c: np.ndarray, wanted: Sequence[str]) -> Signals:
        _check(wanted)
        gates = [number for number, name in enumerate(GATES) if name in wanted]
        x = np.ascontiguousarray(inputs, None if layer.depth is None else dtype)
        hidden, cells, *opened = layer.read(x, np.ascontiguousarray(h, dtype), np.ascontiguousarray(c), gates,
                                            cores=CORES)
        signals = {"hidden": hidden, "cell": cells, **{GATES[gate]: opened[place] for place, gate in enumerate(gates)}}
        return signals, *_last(hidden, cells, h, c)

    return read


def _recomputed(layer: keras.layers.LSTM, compute: Kernel) -> SignalReader:
    """By a kernel that tells h, and the gates from h."""
    own = keras.layers.LSTM.from_config(layer.get_config() | {
        "return_sequences": True, "return_state": True, "stateful": False, "go_backwards": False, "unroll": False,
        "dropout": 0.0, "recurrent_dropout": 0.0, "use_bias": True, "kernel_initializer": "zeros",
        "recurrent_initializer": "zeros"})
    kernel, recurrent, bias = _weights(layer)
    own.build((None, None, len(kernel)))
    own.set_weights([kernel, recurrent, bias])

    def read(inputs: np.ndarray, h: np.ndarray, c: np.ndarray, wanted: Sequence[str]) -> Signals:
        _check(wanted)
        x = tf.convert_to_tensor(inputs)
        told, *after = compute(own, x, tf.convert_to_tensor(h), tf.convert_to_tensor(c))
        hidden, after_h, after_c = (np.asarray(each) for each in (told, *after))
        signals = {"hidden": hidden}
        if set(wanted) - {"hidden"}:
            before = tf.concat([tf.convert_to_tensor(h)[tf.newaxis], told[:-1]], axis=0)
            z = _entering(x, kernel) + bias + tf.tensordot(before, recurrent, 1)
            signals |= dict(zip(GATES, _opened(own, z), strict=True))
            if "cell" in wanted:
                signals["cell"] = _cells(signals["input_gate"], signals["forget_gate"], signals["candidate"], c)
        return signals, after_h, after_c

    return read


def _stepped(layer: keras.layers.LSTM) -> SignalReader:
    """By the equations, of any activations."""
    kernel, recurrent, bias = _weights(layer)

    def read(inputs: np.ndarray, h: np.ndarray, c: np.ndarray, wanted: Sequence[str]) -> Signals:
        _check(wanted)
        entering = _entering(tf.convert_to_tensor(inputs), kernel) + bias
        signals = {name: np.empty((*inputs.shape[:2], layer.units), np.float32) for name in ("hidden", "cell", *GATES)}
        for step, entered in enumerate(entering):
            i, f, g, o = _opened(layer, entered + tf.matmul(h, recurrent))
            c = f * c + i * g
            h = o * np.asarray(layer.cell.activation(tf.convert_to_tensor(c)))
            for name, values in zip(signals, (h, c, i, f, g, o), strict=True):
                signals[name][step] = values
        return signals, h, c

    return read


def _weights(layer: keras.layers.LSTM) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """kernel (D, 4U), recurrent kernel (U, 4U) and bias (4U,) float32, of zeros if there is none."""
    kernel, recurrent, *bias = (np.asarray(weight, np.float32) for weight in layer.get_weights())
    return kernel, recurrent, bias[0] if bias else np.zeros(kernel.shape[1], np.float32)


def _entering(inputs: tf.Tensor, kernel: np.ndarray) -> tf.Tensor:
    """x W (T, B, 4U) of inputs (T, B, D), or of ids (T, B)."""
    return tf.gather(kernel, inputs) if inputs.dtype.is_integer else tf.tensordot(inputs, kernel, 1)


def _opened(layer: keras.layers.LSTM, z: tf.Tensor) -> tuple[np.ndarray, ...]:
    """The gates i, f, g and o (…, U) of their sums (…, 4U)."""
    gate, candidate = layer.cell.recurrent_activation, layer.cell.activation
    return tuple(np.asarray(opened(part)) for opened, part in
                 zip((gate, gate, candidate, gate), tf.split(z, 4, axis=-1), strict=True))


def _cells(i: np.ndarray, f: np.ndarray, g: np.ndarray, c: np.ndarray) -> np.ndarray:
    cells = i * g
    for step, opened in enumerate(f):
        c = cells[step] = cells[step] + opened * c
    return cells


def _last(hidden: np.ndarray, cells: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Copies of the last h and c, so that a state does not hold a whole block in memory."""
    return (hidden[-1].astype(np.float32), cells[-1].copy()) if len(hidden) else (h, c)


def _check(wanted: Sequence[str]) -> None:
    names = ("hidden", "cell", *GATES)
    for name in wanted:
        if name not in names:
            raise ValueError(f"expected signals of {', '.join(names)}; received {name!r}")
