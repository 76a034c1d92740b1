"""What a user of Keras reads activations with: ``predict`` on long sequences, and the article's loop."""

import time

import keras
import numpy as np
from workload import Workload

from contenders.keras_lstm import set_threads

# The article's.
WINDOW = 100


class KerasPredict:
    """``predict`` of a model whose outputs are the hidden states of every LSTM layer, for one-hot vectors."""

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        set_threads(threads)
        ids = keras.Input((None,), dtype="int32")
        x, hidden = keras.ops.one_hot(ids, work.vocabulary), []
        for _ in range(work.model.layers):
            x = keras.layers.LSTM(work.model.units, return_sequences=True)(x)
            hidden.append(x)
        self._model = keras.Model(ids, hidden)
        self._ids = work.text()[0]

    def step(self) -> float:
        """Return the seconds of one reading."""
        began = time.perf_counter()
        self._model.predict(self._ids, batch_size=len(self._ids), verbose=0)
        return time.perf_counter() - began


class ArticleLoop:
    """For each character a window of numbers id/V goes through ``predict``, and again through a function that ends at
    an LSTM layer. A step reads ``work.length`` characters."""

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        set_threads(threads)
        entered = x = keras.Input((WINDOW, 1))
        for number in range(work.model.layers):
            last = x = keras.layers.LSTM(work.model.units, return_sequences=number < work.model.layers - 1)(x)
            x = keras.layers.Dropout(0.5)(x)
        self._model = keras.Model(entered, keras.layers.Dense(work.vocabulary, activation="softmax")(x))
        self._last = keras.Model(entered, last)
        self._vocabulary, self._length = work.vocabulary, work.length
        self._window = list(np.random.default_rng(0).integers(work.vocabulary, size=WINDOW))

    def step(self) -> float:
        """Return the seconds of one reading."""
        began = time.perf_counter()
        for _ in range(self._length):
            given = np.reshape(np.array(self._window) / self._vocabulary, (1, WINDOW, 1)).astype(np.float32)
            probabilities = self._model.predict(given, verbose=0)
            self._last.predict_on_batch(given)  # what its backend function is in Keras 3
            self._window = [*self._window[1:], int(np.argmax(probabilities))]
        return time.perf_counter() - began
