"""Tiny networks, one for each layer that LRP and DeepLIFT know, and the texts that they read."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from probe.model.engine import keras

L = keras.layers
LENGTH, WIDTH = 7, 3
# No padding, padding before, after, and in between.
TEXTS = np.array([[1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 4, 4, 2, 1], [3, 4, 1, 0, 0, 0, 0], [0, 2, 0, 3, 0, 4, 0]])


def drawn(model: Any, seed: int = 1, biases: bool = True) -> Any:
    """Give a model weights that are far from symmetric, none of them 0 but the biases if there are to be none."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        if "seed" in weight.path:
            continue
        values = random.normal(0, 0.7, weight.shape)
        values = np.abs(values) + 0.3 if "variance" in weight.path else values
        weight.assign(values if biases or "bias" not in weight.path else np.zeros(weight.shape))
    return model


def reader(*layers: Any, masked: bool = False, biases: bool = True) -> Any:
    """Return ids (B, 7) → embedding → layers → two logits."""
    ids = keras.Input((LENGTH,), dtype="int32")
    value = L.Embedding(9, WIDTH, mask_zero=masked)(ids)
    for layer in layers:
        value = layer(value)
    value = L.Reshape((-1,))(value) if len(value.shape) == 3 else value
    return drawn(keras.Model(ids, L.Dense(2)(value)), biases=biases)


def branches() -> Any:
    """Return a network whose values are read several times, and joined in every way."""
    ids = keras.Input((LENGTH,), dtype="int32")
    value = L.Embedding(9, WIDTH)(ids)
    first = L.Conv1D(4, 3, padding="same", activation="tanh")(value)
    second = L.Dense(4, activation="softplus")(value)
    third = L.Dense(1)(value)
    joined = L.Concatenate()([L.Add()([first, second, third, first]), L.Average()([first, second]),
                              L.Subtract()([second, first]), L.Identity()(value)])
    pooled = L.Concatenate()([L.GlobalMaxPooling1D()(joined), L.GlobalAveragePooling1D()(joined)])
    return drawn(keras.Model(ids, L.Dense(2, activation="softmax")(pooled)))


def encoder_decoder(kind: Any) -> Any:
    """Return a network in which one recurrent layer begins with the states of another."""
    ids = keras.Input((LENGTH,), dtype="int32")
    value = L.Embedding(9, WIDTH, mask_zero=True)(ids)
    _, *states = kind(4, return_state=True)(value)
    return drawn(keras.Model(ids, L.Dense(2)(kind(4)(value, initial_state=states))))


def both(kind: Any, merge: str | None, **settings: Any) -> Any:
    """Return a Bidirectional."""
    return L.Bidirectional(kind(3, **settings), merge_mode=merge)


@cache
def network(name: str) -> Any:
    """Return one of the networks below."""
    return (FORWARD | RECURRENT)[name]()


Build = Callable[[], Any]
FORWARD: dict[str, Build] = {
    "dense": lambda: reader(L.TimeDistributed(L.Dense(4, activation="tanh")), L.Flatten(), L.Dense(3, use_bias=False)),
    "conv valid": lambda: reader(L.Conv1D(4, 3, activation="relu"), L.MaxPooling1D(2)),
    "conv same, strided": lambda: reader(L.Conv1D(4, 3, strides=2, padding="same", activation="elu"),
                                         L.AveragePooling1D(2, padding="same")),
    "conv causal, dilated": lambda: reader(L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="tanh"),
                                           L.GlobalMaxPooling1D()),
    "maxima of same": lambda: reader(L.MaxPooling1D(3, strides=2, padding="same")),
    "averages": lambda: reader(L.AveragePooling1D(3, strides=1), L.Dropout(0.5), L.GlobalAveragePooling1D()),
    "masked average": lambda: reader(L.GlobalAveragePooling1D(), masked=True),
    "masking": lambda: reader(L.Masking(), L.LSTM(3), masked=True),
    "batch normalization": lambda: reader(L.BatchNormalization(), L.Conv1D(3, 2), L.Softmax(),
                                          L.BatchNormalization(scale=False, center=False), L.GlobalMaxPooling1D()),
    "activations": lambda: reader(L.Dense(4), L.PReLU(), L.LeakyReLU(), L.ReLU(max_value=2.0), L.ELU(),
                                  L.Activation("gelu"), L.SpatialDropout1D(0.5), L.GaussianNoise(0.1)),
    "placement": lambda: reader(L.ZeroPadding1D(2), L.Dense(2, activation="sigmoid"), L.Cropping1D((0, 1)),
                                L.UpSampling1D(2), L.Permute((2, 1)), L.Reshape((4, 10)), L.Conv1D(2, 3), L.Flatten(),
                                L.RepeatVector(3), L.Rescaling(0.5, 0.1), L.Dense(2)),
    "branches": branches,
    "nested": lambda: reader(keras.Sequential([keras.Input((LENGTH, WIDTH)), L.Conv1D(2, 2, activation="tanh")])),
}
RECURRENT: dict[str, Build] = {
    "lstm": lambda: reader(L.LSTM(4)),
    "masked lstm": lambda: reader(L.LSTM(4), masked=True),
    "mask through dense": lambda: reader(L.Dense(4, activation="tanh"), L.LSTM(4), masked=True),
    "masked sequence": lambda: reader(L.LSTM(4, return_sequences=True), masked=True),
    "masked sequence backwards": lambda: reader(L.LSTM(4, return_sequences=True, go_backwards=True), masked=True),
    "masked to zeros": lambda: reader(L.LSTM(4, return_sequences=True, zero_output_for_mask=True), masked=True),
    "relu lstm without bias": lambda: reader(L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid",
                                                    use_bias=False)),
    "gru": lambda: reader(L.GRU(4, return_sequences=True), masked=True),
    "gru that resets before": lambda: reader(L.GRU(4, reset_after=False), masked=True),
    "gru without bias": lambda: reader(L.GRU(4, use_bias=False)),
    "simple": lambda: reader(L.SimpleRNN(4, return_sequences=True), masked=True),
    "both ways": lambda: reader(both(L.LSTM, "concat"), masked=True),
    "both ways, sum": lambda: reader(both(L.LSTM, "sum", return_sequences=True), masked=True),
    "both ways, average": lambda: reader(both(L.GRU, "ave", return_sequences=True), masked=True),
    "both ways, apart": lambda: reader(both(L.SimpleRNN, None), L.Concatenate()),
    "stacked": lambda: reader(both(L.LSTM, "concat", return_sequences=True), L.LSTM(3, return_sequences=True),
                              L.GlobalAveragePooling1D(), masked=True),
    "states from another": lambda: encoder_decoder(L.LSTM),
    "state from another gru": lambda: encoder_decoder(L.GRU),
}
