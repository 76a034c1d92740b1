"""The loss of a network on a stretch of text."""

from collections.abc import Callable

import numpy as np

from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import tf
from probe.train.options import TrainOptions

# Characters of a stream, or windows, in one call.
LENGTH = 250
WINDOWS_AT_ONCE = 512
# A stream shorter than this would be judged mostly on its first characters, which follow the zero state.
STREAM = 1000
STREAMS = 64


class Validation:
    """Which characters of a text are predicted, and from what: fixed once, and the same each time.

    For a training on streams the text is cut into as many equal stretches of at least 1,000 characters as it has, up to
    64; of each, the beginning is read from the zero state with its state carried. For one on windows, evenly spaced
    windows are read.

    Args:
        ids: (N,) ids, memory-mapped or not.
        options: ``objective``, ``length`` and ``validate_characters``, the most characters read.

    Raises:
        UserError: the text is too short for a single prediction.
    """

    def __init__(self, ids: np.ndarray, options: TrainOptions) -> None:
        self._ids, self.windows = ids, options.objective == "last"
        context = options.length if self.windows else 1
        if len(ids) <= context:
            raise UserError(f"the validation split has {len(ids):,} characters, and its loss needs at least "
                            f"{context + 1}; take a longer text, or another share by --splits")
        if self.windows:
            count = min(len(ids) - context, max(1, options.validate_characters // context))
            self._starts = np.linspace(0, len(ids) - context - 1, count).astype(np.int64)
            self._length = context
        else:
            count = min(STREAMS, max(1, len(ids) // STREAM))
            stretch = (len(ids) - 1) // count
            self._starts = np.arange(count) * stretch
            self._length = max(1, min(stretch, options.validate_characters // count))

    @property
    def predictions(self) -> int:
        """Number of characters predicted."""
        return len(self._starts) * (1 if self.windows else self._length)

    def loss(self, reader: "LossReader") -> float:
        """Return the mean loss in nats of the characters predicted."""
        total = 0.0
        if self.windows:
            for first in range(0, len(self._starts), WINDOWS_AT_ONCE):
                rows = self._ids[self._starts[first:first + WINDOWS_AT_ONCE, None] + np.arange(self._length + 1)]
                total += reader.read(rows[:, :-1], rows[:, -1:], reader.zero_states(len(rows)))[0]
        else:
            states = reader.zero_states(len(self._starts))
            for offset in range(0, self._length, LENGTH):
                count = min(LENGTH, self._length - offset)
                rows = self._ids[self._starts[:, None] + offset + np.arange(count + 1)]
                summed, states = reader.read(rows[:, :-1], rows[:, 1:], states)
                total += summed
        return total / self.predictions


class LossReader:
    """A network that reads and reports its summed losses, compiled once for each number of streams."""

    def __init__(self, model: CharLSTM) -> None:
        self._model = model
        self._compiled: dict[int, Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]] = {}

    def zero_states(self, streams: int) -> tf.Tensor:
        """Return the zero state (L, 2, B, U)."""
        return stacked_states(self._model.initial_states(streams))

    def read(self, ids: np.ndarray, targets: np.ndarray, states: tf.Tensor) -> tuple[float, tf.Tensor]:
        """Read ids (B, T) from states (L, 2, B, U); return the summed loss in nats of targets (B, K) and the states."""
        if len(ids) not in self._compiled:
            self._compiled[len(ids)] = self._compile(len(ids))
        summed, states = self._compiled[len(ids)](tf.constant(ids, tf.int32), tf.constant(targets, tf.int32), states)
        return float(summed), states

    def _compile(self, streams: int) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
        rows = tf.TensorSpec((streams, None), tf.int32)
        carried = tf.TensorSpec((self._model.options.layers, 2, streams, self._model.options.units), tf.float32)

        @tf.function(input_signature=(rows, rows, carried), autograph=False)
        def read(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            reading = self._model.read(ids, unstacked_states(states))
            losses = self._model.losses(reading, targets)
            return tf.reduce_sum(tf.cast(losses, tf.float64)), stacked_states(reading.states)

        return read
