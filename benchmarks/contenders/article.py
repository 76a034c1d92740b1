"""Training as 'Visualising LSTM Activations in Keras' does it: a window of characters predicts the one after it."""

import keras
import numpy as np
from workload import Workload

from contenders.keras_lstm import set_threads

DROPOUT = 0.5


class Article:
    """Windows of one number a character, id/V, whose last layer's last step alone predicts.

    See :class:`workload.Network`. A step trains on as many characters as it has windows. Its gradient is not clipped.
    """

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        set_threads(threads)
        keras.utils.set_random_seed(seed)
        layers: list[keras.layers.Layer] = [keras.Input((work.length, 1))]
        for number in range(work.model.layers):
            sequences = number < work.model.layers - 1
            layers += [keras.layers.LSTM(work.model.units, return_sequences=sequences), keras.layers.Dropout(DROPOUT)]
        self._model = keras.Sequential([*layers, keras.layers.Dense(work.vocabulary, activation="softmax")])
        self._vocabulary = work.vocabulary
        self._model.compile("adam", "categorical_crossentropy", jit_compile=False)

    def update(self, ids: np.ndarray, targets: np.ndarray, carried: np.ndarray, learning_rate: float) -> float:
        windows = (ids / self._vocabulary)[..., np.newaxis].astype(np.float32)
        after = np.eye(self._vocabulary, dtype=np.float32)[targets[:, -1]]
        return float(self._model.train_on_batch(windows, after))
