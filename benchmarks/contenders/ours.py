"""This project's own training step."""

import numpy as np
from workload import Workload

from probe.model.char_lstm import CharLSTM, stacked_states
from probe.model.engine import tf
from probe.train.evaluate import LossReader
from probe.train.step import make_optimizer, make_step


class Ours(LossReader):
    """A network on the fused kernel; it sets its threads itself, one a core. See :class:`workload.Network`."""

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        self.model = CharLSTM(work.model, work.vocabulary, kernel="fused", seed=seed)
        super().__init__(self.model)
        self._optimizer = make_optimizer(self.model, clip)
        self._step = make_step(self.model, self._optimizer, work.streams, work.length, precision=precision)
        self._states = stacked_states(self.model.initial_states(work.streams))
        self._seed, self._updates = seed, 0

    def update(self, ids: np.ndarray, targets: np.ndarray, carried: np.ndarray, learning_rate: float) -> float:
        if not carried.all():
            self._states *= tf.constant(carried[:, np.newaxis])
        self._optimizer.learning_rate.assign(learning_rate)
        seed = tf.constant((self._seed, self._updates), tf.int32)
        loss, self._states = self._step(tf.constant(ids), tf.constant(targets), self._states, seed)
        self._updates += 1
        return float(loss)

    def weights(self) -> list[np.ndarray]:
        """Return all weights in Keras' layout: those of the embedding, the LSTM layers and the dense layer."""
        return [np.asarray(weight) for weight in self.model.weights]
