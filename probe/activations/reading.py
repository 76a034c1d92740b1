"""A run's network that reads characters and tells every signal of its layers."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from probe.activations.block import LayerSignal
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM
from probe.model.engine import CORES, tf
from probe.model.kernels.compiled import widened
from probe.model.kernels.signals import signal_reader

# (h, c) of each layer, each (B, U) float32.
States = Sequence[tuple[np.ndarray, np.ndarray]]

# Logits computed at once on a core.
LOGITS = 1 << 20


@dataclass(frozen=True)
class Reading:
    """What a network did while it read T characters in B streams.

    Attributes:
        activations: (layer, signal) → (T, B, U) float32.
        features: what the output layer sees (T, B, U), if all layers were read.
        states: after the last character.
    """

    activations: Mapping[LayerSignal, np.ndarray]
    features: np.ndarray
    states: States


class Reader:
    """Reads with one network whose matrices are made ready once; on a CPU all cores share the streams out.

    Args:
        model: the network.
        wanted: the signals of each layer, by the layer's name from ``"1"`` on; layers above the last one named are not
            read, unless there are to be losses.
        losses: whether there are to be losses.
        precision: of the operands of matrix products, ``"float32"`` or ``"bfloat16"``.

    Raises:
        UserError: bfloat16 with another kernel than fused, or with an odd number of units.
    """

    def __init__(self, model: CharLSTM, wanted: Mapping[str, Sequence[str]], *, losses: bool,
                 precision: str = "float32") -> None:
        units, fused = model.options.units, model.kernel_name == "fused"
        if precision == "bfloat16" and (not fused or units % 2):
            raise UserError("--precision bfloat16 is for the fused kernel and an even number of units; received "
                            f"{model.kernel_name} and {units} units")
        self._model, self._wanted = model, wanted
        count = model.options.layers if losses else max(map(int, wanted), default=0)
        self._layers = [signal_reader(layer, rows=model.entering() if fused and number == 0 else None,
                                      kernel=model.kernel_name, precision=precision)
                        for number, layer in enumerate(model.lstm_layers[:count])]
        self._enters = (lambda ids: ids) if fused else (lambda ids: np.asarray(model.entered(tf.constant(ids))))
        vectors, numbers = tf.TensorSpec((None, units), tf.float32), tf.TensorSpec((None,), tf.int32)
        self._losses = tf.function(self._cross_entropy, input_signature=(vectors, numbers), autograph=False)

    @property
    def layers(self) -> int:
        """How many layers are read."""
        return len(self._layers)

    def zero_states(self, streams: int) -> States:
        """Return the zero state for ``streams`` streams."""
        zero = np.zeros((streams, self._model.options.units), np.float32)
        return [(zero, zero)] * self.layers

    def read(self, ids: np.ndarray, states: States, *, keep: bool = True) -> Reading:
        """Read ids (T, B) int32 from a state.

        Args:
            ids: of T characters in B streams.
            states: of each layer that is read.
            keep: whether activations are wanted, or only what comes after.
        """
        x, after = self._enters(ids), []
        activations: dict[LayerSignal, np.ndarray] = {}
        for number, (read, (h, c)) in enumerate(zip(self._layers, states, strict=True), start=1):
            wanted = self._wanted.get(str(number), ()) if keep else ()
            signals, h, c = read(x, h, c, wanted)
            after.append((h, c))
            x = signals["hidden"]
            activations |= {(str(number), name): widened(signals[name]) for name in wanted}
        return Reading(activations, x, after)

    def losses(self, features: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return −log probability in nats (T, B) float32 of targets (T, B) int32 after features (T, B, U)."""
        rows, expected = features.reshape(-1, features.shape[-1]), targets.ravel()
        size = max(1, LOGITS // self._model.vocabulary)
        with ThreadPoolExecutor(CORES) as threads:
            parts = threads.map(lambda first: self._losses(tf.constant(widened(rows[first:first + size])),
                                                           tf.constant(expected[first:first + size])).numpy(),
                                range(0, len(rows), size))
            return np.concatenate(list(parts)).reshape(targets.shape)

    def _cross_entropy(self, features: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        logits = self._model.logits(features)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
