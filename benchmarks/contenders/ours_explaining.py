"""Attributions by this project."""

import time

import numpy as np
from explained import CLASSES, STEPS, TARGET, VOCABULARY, Explained

from probe.explain import attribute
from probe.model.engine import keras

L = keras.layers


class Ours:
    """A Keras model as its users write it."""

    def __init__(self, work: Explained, threads: int) -> None:
        weights, ids = work.weights(), keras.Input((None,), dtype="int32")
        self._ids, self._layer = work.ids(), "seen"
        vectors = L.Embedding(VOCABULARY, work.embedding)(ids)
        if work.kind == "conv":
            first = L.MaxPooling1D(5)(L.Conv1D(work.units, 5, activation="relu")(vectors))
            pooled = L.GlobalMaxPooling1D()(L.Conv1D(work.units, 5, activation="relu", name="seen")(first))
            order = ("embedding", "conv_1", "conv_1_bias", "conv_2", "conv_2_bias")
        else:
            lstm = L.LSTM(work.units, return_sequences=True)
            pooled = L.GlobalMaxPooling1D()(L.Bidirectional(lstm, name="seen")(vectors))
            order = ("embedding", *(f"{way}{part}" for way in ("forward", "backward")
                                    for part in ("", "_recurrent", "_bias")))
        self._model = keras.Model(ids, L.Dense(CLASSES, activation="softmax")(pooled))
        self._model.set_weights([weights[name] for name in (*order, "dense", "dense_bias")])

    def integrated_gradients(self) -> tuple[float, np.ndarray]:
        """Return the seconds of one call and the contributions (B, T)."""
        began = time.perf_counter()
        found = attribute(self._model, self._ids, method="integrated_gradients", target=TARGET, steps=STEPS)
        return time.perf_counter() - began, found.tokens

    def grad_cam(self) -> tuple[float, np.ndarray]:
        """Return the seconds of one call and the map (B, T')."""
        began = time.perf_counter()
        found = attribute(self._model, self._ids, method="grad_cam", target=TARGET, layer=self._layer)
        return time.perf_counter() - began, found.heatmap
