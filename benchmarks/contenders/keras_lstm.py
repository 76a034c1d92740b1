"""Keras' own LSTM through ``train_on_batch``."""

import keras
import numpy as np
import tensorflow as tf
from workload import Workload


class KerasLSTM:
    """Stateful ``keras.layers.LSTM`` layers on one-hot vectors. See :class:`workload.Network`."""

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        set_threads(threads)
        keras.utils.set_random_seed(seed)
        ids = keras.Input((work.length,), work.streams, dtype="int32")
        x = keras.ops.one_hot(ids, work.vocabulary)
        for _ in range(work.model.layers):
            x = keras.layers.LSTM(work.model.units, return_sequences=True, stateful=True)(x)
        self._model = keras.Model(ids, keras.layers.Dense(work.vocabulary)(x))
        self._optimizer = keras.optimizers.Adam(global_clipnorm=clip or None)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Without XLA: with it, which is Keras' choice if none is made, an update takes longer.
        self._model.compile(self._optimizer, loss, jit_compile=False)

    def update(self, ids: np.ndarray, targets: np.ndarray, carried: np.ndarray, learning_rate: float) -> float:
        self._optimizer.learning_rate.assign(learning_rate)
        return float(self._model.train_on_batch(ids, targets))


def set_threads(threads: int) -> None:
    """Let TensorFlow compute with so many threads; before it has computed anything."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
