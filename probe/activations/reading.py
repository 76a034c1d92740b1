"""A run's network that reads characters and tells every signal of its layers."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Self

import numpy as np

from probe.activations.block import LayerSignal
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM
from probe.model.checkpoint import Checkpoint
from probe.model.engine import CORES, tf
from probe.model.kernels.compiled import widened
from probe.model.kernels.signals import signal_reader
from probe.model.options import ModelOptions
from probe.model.weights import load_weights

# (h, c) of each layer, each (B, U) float32.
States = Sequence[tuple[np.ndarray, np.ndarray]]

# Logits computed at once on a core.
LOGITS = 1 << 20

_loading = Lock()


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

    The weights are copied: the model may be given others afterwards, for another reader. Nothing is traced or compiled
    for a second reader of the same architecture.

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
        self._units, self._wanted = units, wanted
        count = model.options.layers if losses else max(map(int, wanted), default=0)
        self._layers = [signal_reader(layer, rows=model.entering() if fused and number == 0 else None,
                                      kernel=model.kernel_name, precision=precision)
                        for number, layer in enumerate(model.lstm_layers[:count])]
        by_id = fused or model.options.input == "one-hot"
        self._vectors = None if by_id else np.asarray(model.entered(tf.range(model.vocabulary)))
        self._output = tuple(tf.constant(weight) for weight in model.dense.get_weights())

    @classmethod
    def of(cls, options: ModelOptions, vocabulary: int, checkpoint: Checkpoint, wanted: Mapping[str, Sequence[str]], *,
           losses: bool, precision: str = "float32", kernel: str = "auto") -> Self:
        """Return a reader with the weights of a checkpoint.

        Networks of one architecture, such as untrained twins, are built once in a process, and each lends itself the
        weights of the next.

        Args:
            options: the architecture.
            vocabulary: number V of characters.
            checkpoint: the weights.
            wanted, losses, precision: as of the class.
            kernel: ``"auto"``, ``"cudnn"``, ``"fused"`` or ``"keras"``.

        Raises:
            UserError: as the class does, or for weights that are not those of such a network.
        """
        with _loading:
            model = _network(options, vocabulary, kernel)
            load_weights(model, checkpoint)
            return cls(model, wanted, losses=losses, precision=precision)

    @property
    def layers(self) -> int:
        """How many layers are read."""
        return len(self._layers)

    def zero_states(self, streams: int) -> States:
        """Return the zero state for ``streams`` streams."""
        zero = np.zeros((streams, self._units), np.float32)
        return [(zero, zero)] * self.layers

    def read(self, ids: np.ndarray, states: States, *, keep: bool = True) -> Reading:
        """Read ids (T, B) int32 from a state.

        Args:
            ids: of T characters in B streams.
            states: of each layer that is read.
            keep: whether activations are wanted, or only what comes after.
        """
        x, after = ids if self._vectors is None else self._vectors[ids], []
        activations: dict[LayerSignal, np.ndarray] = {}
        for number, (read, (h, c)) in enumerate(zip(self._layers, states, strict=True), start=1):
            wanted = self._wanted.get(str(number), ()) if keep else ()
            signals, h, c = read(x, h, c, wanted)
            after.append((h, c))
            x = signals["hidden"]
            activations |= {(str(number), name): widened(signals[name]) for name in wanted}
        return Reading(activations, x, after)

    def predictions(self, features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the network gives targets (T, B) int32 after features (T, B, U), and what it expects instead.

        Returns:
            losses: −log probability in nats of the targets, (T, B) float32.
            expected: ids of the most probable characters, the lowest of equals, (T, B) int32.
        """
        rows, came = features.reshape(-1, features.shape[-1]), targets.ravel()
        kernel, bias = self._output
        size = max(1, LOGITS // len(bias))

        def part(first: int) -> tuple[np.ndarray, np.ndarray]:
            chosen = slice(first, first + size)
            losses, expected = _predicted(tf.constant(widened(rows[chosen])), tf.constant(came[chosen]), kernel, bias)
            return losses.numpy(), expected.numpy()

        with ThreadPoolExecutor(CORES) as threads:
            parts = list(threads.map(part, range(0, len(rows), size)))
        losses, expected = (np.concatenate(each).reshape(targets.shape) for each in zip(*parts, strict=True))
        return losses, expected


@lru_cache(maxsize=2)
def _network(options: ModelOptions, vocabulary: int, kernel: str) -> CharLSTM:
    return CharLSTM(options, vocabulary, kernel=kernel)


# Of whatever network, so that it is traced once.
@tf.function(autograph=False, input_signature=(tf.TensorSpec((None, None)), tf.TensorSpec((None,), tf.int32),
                                               tf.TensorSpec((None, None)), tf.TensorSpec((None,))))
def _predicted(features: tf.Tensor, targets: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor,
               ) -> tuple[tf.Tensor, tf.Tensor]:
    """−log probability in nats (N,) of targets (N,) after features (N, U), and the most probable ids (N,)."""
    logits = tf.matmul(features, kernel) + bias
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    return losses, tf.argmax(logits, axis=1, output_type=tf.int32)
