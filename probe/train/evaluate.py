"""The loss of a network on a stretch of text."""

import numpy as np

from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import tf
from probe.train.options import TrainOptions

LENGTH = 250
STREAM = 1000
STREAMS = 64
WINDOWS = 4096
WINDOWS_AT_ONCE = 512


class Evaluator:
    """Mean loss of a network in the way it was trained, compiled once."""

    def __init__(self, model: CharLSTM) -> None:
        self._model = model
        rows = tf.TensorSpec((None, None), tf.int32)
        carried = tf.TensorSpec((model.options.layers, 2, None, model.options.units), tf.float32)

        @tf.function(input_signature=(rows, rows, carried), autograph=False)
        def read(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            reading = model.read(ids, unstacked_states(states))
            features = reading.features[-tf.shape(targets)[1]:]
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.transpose(targets), model.logits(features))
            return tf.reduce_sum(tf.cast(losses, tf.float64)), stacked_states(reading.states)

        self._read = read

    def loss(self, ids: np.ndarray, options: TrainOptions) -> float:
        """Return the mean loss in nats a character on ids (N,), by streams or by windows as ``options`` train.

        Raises:
            UserError: too few characters.
        """
        return self.stream_loss(ids) if options.objective == "next" else self.window_loss(ids, options.length)

    def stream_loss(self, ids: np.ndarray) -> float:
        """Return the mean loss in nats over contiguous streams on ids (N,).

        The text is cut into as many equal streams of at least 1,000 characters as it has, up to 64; each is read from
        the zero state with its state carried, so that the first characters of each make the result a little too high,
        never too low.
        """
        if len(ids) < 2:
            raise UserError(f"a loss needs at least 2 characters, and this text has {len(ids)}")
        streams = min(STREAMS, max(1, len(ids) // STREAM))
        stream = (len(ids) - 1) // streams
        rows = np.stack([ids[start:start + stream + 1] for start in range(0, streams * stream, stream)])
        states = stacked_states(self._model.initial_states(streams))
        total = 0.0
        for start in range(0, stream, LENGTH):
            stop = min(start + LENGTH, stream)
            summed, states = self._read(tf.constant(rows[:, start:stop], tf.int32),
                                        tf.constant(rows[:, start + 1:stop + 1], tf.int32), states)
            total += float(summed)
        return total / (streams * stream)

    def window_loss(self, ids: np.ndarray, length: int) -> float:
        """Return the mean loss in nats of the character after each of up to 4,096 evenly spaced windows of ids (N,)."""
        windows = min(WINDOWS, len(ids) - length)
        if windows < 1:
            raise UserError(f"a loss needs a window of {length} characters and one more, and this text has {len(ids)}")
        starts = np.linspace(0, len(ids) - length - 1, windows).astype(np.int64)
        total = 0.0
        for first in range(0, windows, WINDOWS_AT_ONCE):
            rows = ids[starts[first:first + WINDOWS_AT_ONCE, None] + np.arange(length + 1)]
            summed, _ = self._read(tf.constant(rows[:, :-1], tf.int32), tf.constant(rows[:, -1:], tf.int32),
                                   stacked_states(self._model.initial_states(len(rows))))
            total += float(summed)
        return total / windows
